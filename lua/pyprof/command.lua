local M = {}
function M.main(words) print(#words, require("cjson"), require "cjson.safe") return "done" end
return M
