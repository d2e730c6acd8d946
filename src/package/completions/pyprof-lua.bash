# bash completion of pyprof-lua. The program itself tells what a word may become.
_pyprof_lua() {
  local words=() number=0 word rest=$COMP_LINE i line value files=
  # bash takes words apart at = and :, which belong to our words.
  for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 1)) && [[ $rest != [[:space:]]* ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    rest=${rest#*"$word"}
    if ((i == COMP_CWORD)); then
      number=$((${#words[@]} - 1))
      words[-1]=${words[-1]%"$word"}${word}
    fi
  done
  local current=${words[number]} kept=
  [[ $COMP_WORDBREAKS == *[=:]* ]] && kept=${current%"${current##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    value=${line%%$'\t'*}
    printf -v value %q "${value#"$kept"}"
    [[ $value == *= ]] && compopt -o nospace
    COMPREPLY+=("$value")
  done < <("$1" --complete "$number" "${words[@]:1}" 2>/dev/null)
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${current#"$kept"}")
  fi
}
complete -F _pyprof_lua pyprof-lua
