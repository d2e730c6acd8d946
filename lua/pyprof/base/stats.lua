-- base/stats.lua - statistics that tell how certain a sampled share is.
local misuse = require "pyprof.base.misuse"

local M = {}

local z95 = 1.959963984540054

--- Wilson's 95 % interval of the share samples / of; it is 0, 1 where `of` is 0.
---@param samples number
---@param of number
---@return number low
---@return number high
function M.interval(samples, of)
  if math.type(samples) == nil or math.type(of) == nil or samples < 0 or of < samples then
    misuse.raise("interval(samples, of): 0 <= samples <= of is wanted")
  end
  if of == 0 then return 0.0, 1.0 end
  local share, z2 = samples / of, z95 * z95
  local centre = share + z2 / (2 * of)
  local reach = z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
  local scale = 1 + z2 / of
  local low, high = (centre - reach) / scale, (centre + reach) / scale
  -- Rounding must not move the share out of the interval.
  return samples == 0 and 0.0 or math.max(0.0, math.min(low, share)),
    samples == of and 1.0 or math.min(1.0, math.max(high, share))
end

-- The logarithm of the gamma function, by Lanczos's approximation.
local lanczos = {
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
}

local function log_gamma(x)
  x = x - 1
  local sum = 0.99999999999980993
  for i, factor in ipairs(lanczos) do sum = sum + factor / (x + i) end
  local t = x + #lanczos - 0.5
  return 0.5 * math.log(2 * math.pi) + (x + 0.5) * math.log(t) - t + math.log(sum)
end

-- The continued fraction of the incomplete beta function, by Lentz's method.
local function beta_fraction(a, b, x)
  local tiny = 1e-300
  local c, d = 1, 1 - (a + b) * x / (a + 1)
  d = 1 / (math.abs(d) < tiny and tiny or d)
  local fraction = d
  for m = 1, 300 do
    local even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    local odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    for _, term in ipairs { even, odd } do
      d = 1 + term * d
      d = 1 / (math.abs(d) < tiny and tiny or d)
      c = 1 + term / c
      if math.abs(c) < tiny then c = tiny end
      fraction = fraction * c * d
    end
    if math.abs(c * d - 1) < 1e-15 then break end
  end
  return fraction
end

--- The regularised incomplete beta function.
---@param a number
---@param b number
---@param x number
---@return number
function M.beta(a, b, x)
  if x <= 0 then return 0.0 end
  if x >= 1 then return 1.0 end
  local front = math.exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * math.log(x) +
    b * math.log(1 - x))
  if x < (a + 1) / (a + b + 2) then return front * beta_fraction(a, b, x) / a end
  return 1 - front * beta_fraction(b, a, 1 - x) / b
end

--- The probability that chance alone gives |t| or more, with `freedom` degrees of freedom.
---@param t number
---@param freedom number
---@return number
function M.student(t, freedom)
  return M.beta(freedom / 2, 0.5, freedom / (freedom + t * t))
end

local function mean(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  return sum / #values
end

local function squares(values, centre)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + (value - centre) ^ 2 end
  return sum
end

--- The probability that chance alone gives the difference between the means of two sides; a side
--- has one or several runs. It is Student's t with a partly assumed variance (a moderated t): the
--- assumption counts as `freedom` degrees of freedom, and the runs add theirs.
---@param a number[]
---@param b number[]
---@param assumed number    variance of one run
---@param freedom number    degrees of freedom of the assumption
---@param least number      the least variance of one run
---@return number
function M.means(a, b, assumed, freedom, least)
  local mean_a, mean_b = mean(a), mean(b)
  local all = freedom + #a + #b - 2
  local found = squares(a, mean_a) + squares(b, mean_b)
  local variance = math.max((freedom * assumed + found) / all, least) * (1 / #a + 1 / #b)
  if variance == 0 then return mean_a == mean_b and 1.0 or 0.0 end
  return M.student((mean_a - mean_b) / math.sqrt(variance), all)
end

--- Holm's adjustment of p-values for the number of them. They keep their order.
---@param p number[]
---@return number[]
function M.holm(p)
  local order = {}
  for i = 1, #p do order[i] = i end
  table.sort(order, function(x, y)
    if p[x] ~= p[y] then return p[x] < p[y] end
    return x < y
  end)
  local adjusted, highest = {}, 0
  for rank, i in ipairs(order) do
    highest = math.max(highest, math.min(1.0, p[i] * (#p - rank + 1)))
    adjusted[i] = highest
  end
  return adjusted
end

return M
