-- Pages laid out for a terminal.
local check = dofile("tests/lua/check.lua")
local text = require "pyprof.base.text"
local doc = require "pyprof.doc"
local layout = require "pyprof.doc.layout"

local page = [[
# A head with `code`

One paragraph with **bold words** and `some code`, which is
broken anew.
- an item that
  goes on (`x`)

      kept   as it is

  and has a paragraph
1. first

| name | is |
|------|----|
| `a\|b` | one thing that is so long that it must be broken |
| `cc` | `two` |

```lua
local x = "**not bold**"

```
    $ indented `code`

## Takes

  query  table|nil   `kept`
]]

check.test("Markdown becomes text", function()
  check.equal(layout.page(page, 40, false), [[
A head with code

One paragraph with bold words and some
code, which is broken anew.
- an item that goes on (x)

      kept   as it is

  and has a paragraph
1. first

  name  is
  a|b   one thing that is so long that
        it must be broken
  cc    two

    local x = "**not bold**"

    $ indented `code`

Takes

  query  table|nil   `kept`
]])
end)

check.test("heads are bold, and code has a colour, word by word", function()
  check.equal(layout.page("# A `b`\n\nc (`d e`), **f**.\n", 80, true),
    "\27[1mA\27[0m \27[36mb\27[0m\n\nc (\27[36md\27[0m \27[36me\27[0m), \27[1mf\27[0m.\n")
end)

check.test("every page fits, and nothing of Markdown is left in it", function()
  for _, each in ipairs(doc.pages()) do
    for _, width in ipairs { 60, 80, 120 } do
      local laid = layout.page(assert(doc.text(each.key, width)), width, false)
      for line in laid:gmatch("([^\n]*)\n") do
        check.truthy(not line:find("^#+ ") and not line:find("^```") and not line:find("^|"),
          each.key .. ": " .. line)
        -- Code is kept as it is.
        if not line:find("^    ") and each.topic then
          check.truthy(not line:find("%*%*"), each.key .. ": " .. line)
          check.truthy(text.width(line) <= width or width < 80, each.key .. ": " .. line)
        end
      end
    end
  end
end)

check.test("a word is searched in all pages", function()
  local found = doc.search("KCACHEGRIND", 80)
  local keys = {}
  for i, entry in ipairs(found) do keys[i] = entry.page.key end
  check.truthy(table.concat(keys, " "):find("exports", 1, true), table.concat(keys, " "))
  check.equal(doc.search("zzzzzz", 80), {})
  local _, message = doc.text("kcachegrind", 80)
  check.truthy(message:find("(the word is in the pages: ", 1, true), message)
  _, message = doc.text("budgt.lua", 80, { "budget.lua" })
  check.equal(message, "unknown page 'budgt.lua' (did you mean 'budget.lua'?)")
end)

check.finish()
