// Figures as words. What is not known is "?", and never 0.
const number = value => value.toLocaleString("en", { maximumFractionDigits: 0 });

/** A share of 1 in per cent; what is not nothing never reads as nothing. */
function percent(share) {
  if (share == null || Number.isNaN(share)) return "?";
  if (share > 0 && share < 0.00005) return "< 0.01 %";
  return (100 * share).toFixed(2) + " %";
}

function signed(share) {
  const text = percent(Math.abs(share));
  return share > 0 ? "+" + text : share < 0 ? "−" + text : text;
}

function seconds(value) {
  if (value == null) return "?";
  const size = Math.abs(value);
  if (size >= 100) return number(Math.round(value)) + " s";
  if (size >= 10) return value.toFixed(1) + " s";
  if (size >= 1) return value.toFixed(2) + " s";
  if (size >= 0.0995) return value.toFixed(3) + " s";
  if (size === 0) return "0 s";
  return size >= 0.0001 ? (1000 * value).toFixed(1) + " ms" : (1e6 * value).toFixed(1) + " µs";
}

function bytes(value) {
  if (value == null) return "?";
  let size = value, unit = 0;
  while (Math.abs(size) >= 1024 && unit < 4) {
    size /= 1024;
    unit++;
  }
  const text = unit === 0 || Math.abs(size) >= 100 ? size.toFixed(0) : size.toFixed(1);
  return text + " " + ["B", "KiB", "MiB", "GiB", "TiB"][unit];
}

const SECONDS = { seconds: 1, milliseconds: 1e-3, microseconds: 1e-6, nanoseconds: 1e-9 };

function amount(value, unit) {
  if (value == null) return "?";
  if (Object.hasOwn(SECONDS, unit)) return seconds(value * SECONDS[unit]);
  if (unit === "bytes") return bytes(value);
  const text = value.toLocaleString("en", { maximumFractionDigits: 2 });
  return unit && unit !== "none" ? text + " " + unit : text;
}

const count = (n, one, many = one + "s") => number(n) + " " + (n === 1 ? one : many);

/** Half the width of Wilson's interval at 95 % of a share that was seen in n samples. */
function uncertainty(share, n) {
  if (!n) return null;
  const z = 1.96;
  return z * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n);
}

/** Marks of an axis from 0: at most `most` round steps. */
function steps(length, most) {
  if (!(length > 0)) return [0];
  const rough = length / most, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(k => k * ten).find(s => s >= rough * 0.999);
  const marks = [];
  for (let i = 0; i * step <= length * 1.0001; i++) marks.push(i * step);
  return marks;
}

const STATUS = {
  ran: ["●", "covered", "ran"],
  partial: ["◐", "partly covered", "partial"],
  never: ["○", "never executed", "never"],
  seen: ["●", "executed", "ran"],
  unseen: ["?", "not in the samples", "muted"],
  unknown: ["?", "unknown", "muted"],
};
