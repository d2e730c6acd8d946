# fish completion of pyprof-lua. The program itself tells what a word may become.
function __pyprof_lua_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l all (commandline -op)
    set -l after
    set -l next (math (count $before) + 1)
    test -n "$current"; and set next (math $next + 1)
    test $next -le (count $all); and set after $all[$next..-1]
    set -l number (count $before)
    set -l program $before[1]
    set -e before[1]
    for line in ($program --complete $number $before "$current" $after 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c pyprof-lua -f -a '(__pyprof_lua_complete)'
