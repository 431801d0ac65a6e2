// Pure functions: which chunks a file goes up in, which are missing, how fast it goes, and what may be tried again.

const SINGLE_UP_TO = 8 * MIB;
const CHUNK_AT_LEAST = 8 * MIB;
const CHUNKS_AT_MOST = 10000;
const SMALLEST_CHUNK = 64 * KIB;

/** Small files go up in one piece. Chunks are whole mebibytes, and never more than the store takes. */
const planOf = size => {
  if (size <= SINGLE_UP_TO) {
    return { chunkSize: size, total: 1 };
  }

  const chunkSize = Math.max(CHUNK_AT_LEAST, Math.ceil(size / CHUNKS_AT_MOST / MIB) * MIB);
  return { chunkSize, total: Math.ceil(size / chunkSize) };
};

/** A plan with bodies of half the size, for a server that found them too large; null where they would be too small or too many. */
const halvedPlan = ({ size, chunkSize }) => {
  const half = Math.ceil(chunkSize / 2);
  const total = Math.ceil(size / half);
  return half < SMALLEST_CHUNK || total > CHUNKS_AT_MOST ? null : { chunkSize: half, total };
};

/** Where the chunk of an index (from 1) begins and ends in the file. */
const rangeOf = ({ chunkSize, size }, index) => ({ from: (index - 1) * chunkSize, to: Math.min(index * chunkSize, size) });

const sizeOf = (record, index) => {
  const { from, to } = rangeOf(record, index);
  return to - from;
};

const indexesOf = total => Array.from({ length: total }, (_, at) => at + 1);

/** The chunks that arrived with the length that they should have; others are sent again. */
const arrivedOf = (record, chunks) => chunks.filter(chunk => chunk.index <= record.total && chunk.size === sizeOf(record, chunk.index));

const missingOf = (total, arrived) => indexesOf(total).filter(index => !arrived.has(index));

/** In what a picked file differs from the one that an upload began with; null where in nothing. */
const differenceOf = (record, file) =>
  file.name !== record.name ? "the name differs"
  : file.size !== record.size ? "the size differs"
  : file.lastModified !== record.lastModified ? "it was changed since"
  : null;

const RATE_WINDOW = 15000;

/** Samples {at, bytes} of the last seconds, with one more. */
const sampled = (samples, at, bytes) => [...samples.filter(sample => at - sample.at < RATE_WINDOW), { at, bytes }];

/** Bytes a second over the samples; null while it cannot be told. */
const rateOf = samples => {
  const [first, last] = [samples.at(0), samples.at(-1)];
  return first && last.at - first.at >= 500 && last.bytes > first.bytes ? (last.bytes - first.bytes) * 1000 / (last.at - first.at) : null;
};

/** Milliseconds before another try: 1, 2, 4 … 30 s. */
const backoff = attempt => Math.min(1000 * 2 ** attempt, 30000);

/** How often a failed request is tried again: a lost network for ever, what may pass a few times, and all else never. */
const triesOf = error =>
  error.code === "network" ? Infinity
  : [408, 429, 502, 503, 504, 507].includes(error.status) || ["broken_stream", "digest_mismatch"].includes(error.code) ? 5
  : error.code === "unexpected_answer" && error.status < 400 ? 5
  : 0;

/** What this key, or any, gets no URL for, however often it asks. */
const isRefusal = error => ["invalid_bucket", "key_not_allowed"].includes(error.code);

/** A URL that is refused so is minted anew. */
const isStale = error => ["link_expired", "link_revoked", "invalid_signature"].includes(error.code);
