// Chunks of one upload: what has arrived, what is missing, and the merge.

/** The chunks that wait on the server, of the right length. */
const arrived = async ({ record }, signal) => {
  try {
    const status = await throughLink(
      { action: "status", bucket: record.bucket, blob_id: record.blobId },
      path => request("GET", path, { signal, headers: { "x-chunk-total": String(record.total) } }), signal);
    return arrivedOf(record, (await status.json()).chunks);
  } catch (error) {
    if (error.code === "no_such_upload") {
      return [];
    }

    throw error;
  }
};

/** Takes over the chunks that wait and whose digests are the file's: a file may differ although name, size and time are the same. */
const takeOver = async (job, chunks) => {
  change(job, { state: "checking", done: new Set() });
  for (const chunk of chunks) {
    if (!canDigest() || hex(await digestOf(chunkOf(job, chunk.index))) === chunk.sha256_hash) {
      landed(job, chunk.index);
    }

    job.stop.signal.throwIfAborted();
  }

  change(job, { state: "running", samples: [] });
};

const chunkOf = (job, index) => {
  const { from, to } = rangeOf(job.record, index);
  return job.file.slice(from, to);
};

const sendChunk = async (job, index, stop) => {
  const bytes = chunkOf(job, index);
  const digest = await digestOf(bytes);
  const headers = { "x-upload-type": "chunked", "x-chunk-index": String(index), "x-chunk-total": String(job.record.total), ...digestHeader(digest) };
  const answer = await deliver(job, headers, bytes, progress(job, index), stop);
  checkAnswer(digest, answer);
  landed(job, index);
};

/** Four workers take the missing chunks in order, so that the server hashes the whole while they arrive. The first to fail stops all. */
const sendMissing = async (job, missing) => {
  const workers = new AbortController();
  const stop = AbortSignal.any([workers.signal, job.stop.signal]);
  const queue = [...missing];
  const work = async () => {
    while (queue.length > 0) {
      await sendChunk(job, queue.shift(), stop);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    workers.abort();
  }
};

const sendChunks = async job => {
  const { record, stop: { signal } } = job;
  const waiting = record.begun ? await insist(() => arrived(job, signal), signal, trouble(job)) : [];
  keepRecord(Object.assign(record, { begun: true }));
  if (waiting.length === 0 && record.merging) {
    return merge(job); // Its answer may have been lost.
  }

  await takeOver(job, waiting);
  await sendMissing(job, missingOf(record.total, job.done));
  return merge(job);
};

/** Where chunks went missing meanwhile, they are sent again. A merge that was done answers the same again. */
const merge = async job => {
  keepRecord(Object.assign(job.record, { merging: true }));
  change(job, { state: "merging", trouble: null });
  const headers = { ...contentHeaders(job.record), "x-upload-type": "chunked", "x-chunk-total": String(job.record.total), "x-chunk-merge": "true" };
  const { signal } = job.stop;
  const ask = async anew => (await request("POST", await link(job, anew), { headers, signal })).json();
  try {
    return await insist(() => ask(false).catch(error => isStale(error) ? ask(true) : Promise.reject(error)), signal, trouble(job));
  } catch (error) {
    if (error.code !== "chunks_missing" && error.code !== "no_such_upload") {
      throw error;
    }

    const missing = error.more.missing_chunks ?? indexesOf(job.record.total);
    missing.forEach(index => job.done.delete(index));
    change(job, { state: "running" });
    await sendMissing(job, missing);
    return merge(job);
  }
};
