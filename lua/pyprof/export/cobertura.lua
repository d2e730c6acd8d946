-- export/cobertura.lua - coverage as Cobertura's XML, for Jenkins, GitLab and others.
local version = require "pyprof.version"
local sys = require "pyprof.core.sys"

local M = { coverage = true }

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escaped(text)
  return (text:gsub('[&<>"]', entities):gsub("%c", "?"))
end

local function rate(hits, all)
  return ("%.4g"):format(all == 0 and 1 or hits / all)
end

-- The sums of some files, as attributes.
local function rates(sum, branch)
  return ('line-rate="%s" branch-rate="%s" complexity="0"'):format(
    rate(sum.hits, sum.lines), branch and rate(sum.taken, sum.branches) or "0")
end

local function plus(sum, other)
  for name, value in pairs(other) do sum[name] = (sum[name] or 0) + value end
end

local function line_text(line, branch)
  local text = ('<line number="%d" hits="%d"'):format(line.line,
    line.status == "missing" and 0 or 1)
  if not branch then return text .. "/>" end
  local missing = {}
  for _, arc in ipairs(branch.arcs) do
    if not arc.ran then missing[#missing + 1] = arc.to > 0 and ("%d"):format(arc.to) or "exit" end
  end
  text = ('%s branch="true" condition-coverage="%d%% (%d/%d)"'):format(text,
    100 * branch.taken // #branch.arcs, branch.taken, #branch.arcs)
  if #missing > 0 then
    text = ('%s missing-branches="%s"'):format(text, table.concat(missing, ","))
  end
  return text .. "/>"
end

-- A file as a class, and its sums.
local function class_of(coverage, row)
  local of_line, lines = {}, {}
  local sum = { lines = row.statements, hits = row.statements - row.missing,
    branches = 0, taken = 0 }
  for _, branch in ipairs(coverage.branch and coverage:branches(row.file) or {}) do
    of_line[branch.line] = branch
    sum.branches, sum.taken = sum.branches + #branch.arcs, sum.taken + branch.taken
  end
  for _, line in ipairs(coverage:lines(row.file)) do
    if line.status ~= "excluded" then
      lines[#lines + 1] = "\t\t\t\t\t\t" .. line_text(line, of_line[line.line]) .. "\n"
    end
  end
  local file = escaped(row.file)
  return ('\t\t\t\t<class name="%s" filename="%s" %s>\n\t\t\t\t\t<methods/>\n' ..
    "\t\t\t\t\t<lines>\n%s\t\t\t\t\t</lines>\n\t\t\t\t</class>\n"):format(
    file:match("[^/]*$"), file, rates(sum, coverage.branch), table.concat(lines)), sum
end

-- A folder is a package; its name has dots.
local function package_of(path)
  local folder = path:match("^(.*)/") or "."
  return folder == "." and "." or (folder:gsub("/", "."))
end

---@param coverage pyprof.Coverage
---@return string
function M.encode(coverage)
  local packages, names, all = {}, {}, { lines = 0, hits = 0, branches = 0, taken = 0 }
  for _, row in ipairs(coverage:files()) do
    local name = package_of(row.file)
    if not packages[name] then
      packages[name] = { classes = {}, sum = {} }
      names[#names + 1] = name
    end
    local text, sum = class_of(coverage, row)
    table.insert(packages[name].classes, text)
    plus(packages[name].sum, sum)
    plus(all, sum)
  end
  table.sort(names)
  local parts = { ('<?xml version="1.0" ?>\n<coverage version="%s" timestamp="%d" ' ..
    'lines-valid="%d" lines-covered="%d" branches-valid="%d" branches-covered="%d" %s>\n')
    :format(version, os.time() * 1000, all.lines, all.hits, all.branches, all.taken,
      rates(all, coverage.branch)),
    ("\t<sources>\n\t\t<source>%s</source>\n\t</sources>\n\t<packages>\n")
      :format(escaped(sys.real_path(".") or ".")) }
  for _, name in ipairs(names) do
    local one = packages[name]
    parts[#parts + 1] = ('\t\t<package name="%s" %s>\n\t\t\t<classes>\n%s\t\t\t</classes>\n' ..
      "\t\t</package>\n"):format(escaped(name), rates(one.sum, coverage.branch),
      table.concat(one.classes))
  end
  parts[#parts + 1] = "\t</packages>\n</coverage>\n"
  return table.concat(parts)
end

return M
