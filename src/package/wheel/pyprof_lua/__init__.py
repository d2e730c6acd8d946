"""pyprof-lua is a program; this package lets Python start it: python -m pyprof_lua."""
