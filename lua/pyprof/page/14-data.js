// The data block: typed columns, deflated from 4 KiB on.
const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };
const DAMAGED = "The data of this page is damaged: make the page again.";

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const plain = atob(text), out = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) out[i] = plain.charCodeAt(i);
  return out;
}

async function inflate(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The value of one column: a typed array, a list or object, or a text. */
async function readColumn(packed) {
  const words = packed.type === "json" || packed.type === "text";
  if (words && !packed.z) return packed.data;
  try {
    const raw = bytesOf(packed.data), plain = packed.z ? await inflate(raw) : raw;
    if (words) {
      const text = new TextDecoder().decode(plain);
      return packed.type === "json" ? JSON.parse(text) : text;
    }
    const Type = TYPES[packed.type];
    return new Type(plain.buffer, plain.byteOffset, packed.n);
  } catch {
    // Browsers tell of a corrupt stream in words of the network.
    throw new Error(DAMAGED);
  }
}

const isColumn = value => value && typeof value === "object" && !Array.isArray(value) &&
  typeof value.type === "string" && "data" in value && "z" in value;

/** The object with each of its columns decoded; other values stay as they are. */
async function decoded(object) {
  if (!object) return object;
  const keys = Object.keys(object), out = {};
  const values = await Promise.all(
    keys.map(key => (isColumn(object[key]) ? readColumn(object[key]) : object[key])));
  keys.forEach((key, i) => (out[key] = values[i]));
  return out;
}

/** What the first paint needs. The rest follows with `later`. */
async function readPage(block) {
  const [files, functions, trees, calls, diff] = await Promise.all([
    isColumn(block.files) ? readColumn(block.files) : block.files || [],
    decoded(block.functions),
    Promise.all((block.trees || []).map(decoded)),
    decoded(block.calls),
    decoded(block.diff),
  ]);
  const F = functions || { n: 0, name: [] };
  for (const tree of trees) prepare(tree);
  return {
    meta: {}, strip: [], missing: [], notes: [], groups: [], threads: [], processes: [], phases: [],
    sources: [], ...block, files, functions: F, trees, calls, diff, order: null, memory: null,
    names: F.name.map(show), paths: files.map(show),
  };
}

/** Gives each run its start and its length in seconds after the recording's first moment. */
function timeRuns(order) {
  const { n, tick, thread, wait } = order, length = order.span || order.count;
  const start = new Float64Array(n), span = new Float64Array(n);
  for (let r = 0, end = 0, before = -1; r < n; r++) {
    const now = thread ? thread[r] : 0;
    if (now !== before) end = 0;
    before = now;
    const begin = end + (wait ? wait[r] : 0);
    end = begin + length[r];
    start[r] = begin * tick;
    span[r] = length[r] * tick;
  }
  order.start = start;
  order.span = span;
}

async function readLater(block, page) {
  [page.order, page.memory] = await Promise.all([decoded(block.order), decoded(block.memory)]);
  if (page.order && page.order.timed) timeRuns(page.order);
}
