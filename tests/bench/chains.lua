-- chains.lua RECORDING: asks a series of questions as at the prompt, each for the first time, and
-- prints how long each took: lines "MILLISECONDS QUESTION".
local pyprof = require "pyprof"

local p = assert(pyprof.load(...))
local questions = {
  "p:functions { limit = 20 }",
  "p:where 'json.dumps':functions { limit = 20 }",
  "p:where 'file:tokenize':without 'file:ast':lines { limit = 20 }",
  "p:where 'origin:own':fold 'origin:stdlib':functions { limit = 20 }",
  "p:root 'json.dumps':tree { depth = 5 }",
  "p:thread 'name:batch':by 'module'",
  "p:window(1000, 2000):functions { limit = 20 }",
  "p:window(1000, 2000):thread 'name:batch':where 'file:copy':functions { limit = 20 }",
  "p:window(1000):timeline()",
  "p:where 'file:copy':timeline { buckets = 60 }",
  "p:where 'file:copy':runs { limit = 20 }",
  "p:flat():callers('json.dumps', { by = 'line' })",
  "(p:where 'file:copy' + p:without 'file:copy'):functions { limit = 20 }",
}
for _, question in ipairs(questions) do
  local ask = assert(load("local p = ...; return " .. question))
  collectgarbage()
  local began = os.clock()
  ask(p)
  print(("%7.1f  %s"):format(1000 * (os.clock() - began), question))
end
