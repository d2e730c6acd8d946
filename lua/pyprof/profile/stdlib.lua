-- profile/stdlib.lua - the top-level names of the standard libraries of Python 3.8 to 3.14. They
-- identify short paths such as json/decoder.py. `test` is left out, because it is more often the
-- user's.
local modules = [[
__future__ _aix_support _android_support _bootlocale _bootsubprocess _collections_abc _colorize
_compat_pickle _compression _dummy_thread _ios_support _markupbase _opcode_metadata _osx_support
_py_abc _pydatetime _pydecimal _pyio _pylong _sitebuiltins _strptime _threading_local _weakrefset
abc aifc annotationlib antigravity argparse ast asynchat asyncore base64 bdb binhex bisect bz2
cProfile calendar cgi cgitb chunk cmd code codecs codeop colorsys compileall configparser
contextlib contextvars copy copyreg crypt csv dataclasses datetime decimal difflib dis doctest
dummy_threading enum filecmp fileinput fnmatch formatter fractions ftplib functools genericpath
getopt getpass gettext glob graphlib gzip hashlib heapq hmac imaplib imghdr imp inspect io
ipaddress keyword linecache locale lzma mailbox mailcap mimetypes modulefinder netrc nntplib
ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pipes pkgutil
platform plistlib poplib posixpath pprint profile pstats pty py_compile pyclbr pydoc queue quopri
random re reprlib rlcompleter runpy sched secrets selectors shelve shlex shutil signal site smtpd
smtplib sndhdr socket socketserver sre_compile sre_constants sre_parse ssl stat statistics string
stringprep struct subprocess sunau symbol symtable sysconfig tabnanny tarfile telnetlib tempfile
textwrap this threading timeit token tokenize trace traceback tracemalloc tty turtle types typing
uu uuid warnings wave weakref webbrowser xdrlib zipapp zipfile zipimport
]]

local packages = [[
__phello__ _pyrepl asyncio collections compression concurrent ctypes curses dbm distutils email
encodings ensurepip html http idlelib importlib json lib2to3 logging msilib multiprocessing
pathlib pydoc_data re sqlite3 string sysconfig tkinter tomllib turtledemo unittest urllib venv
wsgiref xml xmlrpc zipfile zoneinfo
]]

local function set(names)
  local result = {}
  for name in names:gmatch("%S+") do result[name] = true end
  return result
end

return { modules = set(modules), packages = set(packages) }
