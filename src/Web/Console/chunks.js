// Chunks of one upload: what has arrived, what is missing, and the merge.

/** The chunks that wait on the server, of the right length. */
const arrived = async (record, signal) => {
  try {
    const { chunks } = await throughLink(
      { action: "status", bucket: record.bucket, blob_id: record.blobId },
      async path => answerOf(await request("GET", path, { signal: inTime(signal), headers: { "x-chunk-total": String(record.total) } })), signal);
    return arrivedOf(record, chunks);
  } catch (error) {
    if (error.code === "no_such_upload") {
      return [];
    }

    throw error;
  }
};

/**
 * Takes over the chunks that wait and whose digests are the file's: a file may differ although name, size and time are the same.
 * What this page has read before, of the same file, it does not read again.
 */
const takeOver = async (job, chunks, signal) => {
  change(job, { state: "checking", done: new Set() });
  for (const { index, sha256_hash } of chunks) {
    const digest = canDigest() ? job.sums.get(index) ?? hex(await digestOf(chunkOf(job, index))) : null;
    signal.throwIfAborted();
    if (digest === null || digest === sha256_hash) {
      landed(job, index, digest);
    }
  }

  change(job, { state: "running", samples: [] });
};

const chunkOf = (job, index) => {
  const { from, to } = rangeOf(job.record, index);
  return job.file.slice(from, to);
};

const sendChunk = async (job, index, signal) => {
  const bytes = chunkOf(job, index);
  const digest = await digestOf(bytes);
  const headers = { "x-upload-type": "chunked", "x-chunk-index": String(index), "x-chunk-total": String(job.record.total), ...digestHeader(digest) };
  const answer = await deliver(job, headers, bytes, progress(job, index, signal), signal);
  signal.throwIfAborted();
  checkAnswer(digest, answer);
  landed(job, index, digest && hex(digest));
};

/**
 * Four workers take the missing chunks in order, so that the server hashes the whole while they arrive. The first to fail stops all,
 * and nothing is under way any more when this ends.
 */
const sendMissing = async (job, missing, signal) => {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, signal]);
  const queue = [...missing];
  const work = async () => {
    while (queue.length > 0) {
      await sendChunk(job, queue.shift(), both);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, work);
  try {
    await Promise.all(workers);
  } finally {
    stop.abort();
    await Promise.allSettled(workers);
  }
};

const sendChunks = async (job, signal) => {
  const { record } = job;
  const waiting = record.begun ? await insist(() => arrived(record, signal), signal, trouble(job, signal)) : [];
  signal.throwIfAborted();
  keepRecord(Object.assign(record, { begun: true }));
  if (waiting.length === 0 && record.merging && await wasJoined(job, signal)) {
    return; // The merge's answer was lost.
  }

  await takeOver(job, waiting, signal);
  await sendAndMerge(job, missingOf(record.total, job.done), signal);
};

/** Where chunks went missing meanwhile, they are sent again. */
const sendAndMerge = async (job, missing, signal) => {
  try {
    await sendMissing(job, missing, signal);
    await merge(job, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error.code === "chunks_missing" || error.code === "no_such_upload") {
      const lost = error.more.missing_chunks ?? indexesOf(job.record.total);
      lost.forEach(index => job.done.delete(index));
      change(job, { state: "running" });
      return sendAndMerge(job, lost, signal);
    }

    if (error.code !== "duplicate_blob" || !await wasJoined(job, signal)) {
      throw error;
    }
  }
};

const JOINED_BEFORE = "Digests not checked: the server had joined the chunks before";

/** Asks for the merge of what does not wait any more: one that was done answers the same again. False where there was none. */
const wasJoined = async (job, signal) => {
  try {
    await merge(job, signal);
    change(job, { remark: canDigest() && job.sums.size < job.record.total ? JOINED_BEFORE : null });
    return true;
  } catch (error) {
    if (["chunks_missing", "no_such_upload", "duplicate_blob"].includes(error.code)) {
      return false;
    }

    throw error;
  }
};

const merge = async (job, signal) => {
  const { record } = job;
  keepRecord(Object.assign(record, { merging: true }));
  change(job, { state: "merging", trouble: null });
  const headers = { ...contentHeaders(job), "x-upload-type": "chunked", "x-chunk-total": String(record.total), "x-chunk-merge": "true" };
  const { bytes_written: joined } = await insist(
    () => withLink(job, signal, async path => answerOf(await request("POST", path, { headers, signal }))), signal, trouble(job, signal));
  signal.throwIfAborted();
  if (joined !== record.size) {
    throw new ApiError(0, { code: "size_mismatch", message: `the server joined ${plural(joined, "byte")}; the file has ${formatCount(record.size)}` });
  }
};
