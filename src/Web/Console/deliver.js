// What an upload sends goes through here: its URL, minted and minted anew, what is tried again, and small files as a whole.

/** The job's upload URL. The first one also names the blob; near its end, or refused, it is minted anew. */
const link = async (job, signal, anew = false) => {
  const { record, links } = job;
  if (anew || !links.upload || links.upload.until < Date.now()) {
    links.minting ??= insist(
      () => presign({ action: "upload", bucket: record.bucket, blob_id: record.blobId, expires_in: 3600 }, signal), signal, trouble(job, signal))
      .finally(() => { links.minting = null; });
    const minted = await links.minting;
    links.upload = { path: pathOf(minted.url), until: Date.now() + (minted.expires_in - Math.min(30, minted.expires_in / 2)) * 1000 };
    if (!record.blobId) {
      Object.assign(record, { blobId: minted.blob_id, bucket: minted.bucket });
      keepRecord(record);
    }
  }

  return links.upload.path;
};

/** Does something with the job's URL, and once more with a new one where it was refused as stale. */
const withLink = async (job, signal, use) => {
  try {
    return await use(await link(job, signal));
  } catch (error) {
    if (!isStale(error)) {
      throw error;
    }

    return use(await link(job, signal, true));
  }
};

/** Sends a slice of the job's file through its URL in a slot, and tries again what may pass; a file that is gone is not. */
const deliver = (job, headers, body, onProgress, signal) => insist(() => inSlot(async () => {
  await readSlice(body.slice(0, 1));
  return withLink(job, signal, path => send("POST", path, headers, body, signal, onProgress));
}, signal), signal, error => {
  error && onProgress(0);
  trouble(job, signal)(error);
});

/** A file is read once more to see whether it is UTF-8. A larger one keeps the type that the browser gave it. */
const TEXT_READ = 8 * MIB;

const typeOf = async ({ type, size }, file) =>
  lacksCharset(type) && size <= TEXT_READ && isUtf8(await readSlice(file)) ? `${type}; charset=utf-8` : type || "application/octet-stream";

const contentHeaders = ({ record, type }) => ({ "content-type": type, "content-disposition": dispositionOf(record.name) });

const progress = (job, index, signal) => bytes => {
  if (!signal.aborted) {
    job.flying.set(index, Math.min(bytes, sizeOf(job.record, index)));
    change(job, { samples: sampled(job.samples, Date.now(), sentBytes(job)) });
  }
};

/** A chunk is there; where digests can be made, the server's is the file's. */
const landed = (job, index, digest) => {
  job.flying.delete(index);
  job.done.add(index);
  digest && job.sums.set(index, digest);
  change(job, {});
};

const sendWhole = async (job, signal) => {
  const bytes = job.file.slice();
  const digest = await digestOf(bytes);
  const answer = await deliver(job, { ...contentHeaders(job), ...digestHeader(digest) }, bytes, progress(job, 1, signal), signal)
    .catch(error => error.code === "duplicate_blob" ? storedBefore(job.record, error, signal) : Promise.reject(error));
  signal.throwIfAborted();
  checkAnswer(digest, answer);
  landed(job, 1, digest && hex(digest));
};

/** An answer that was lost: the blob is there already, since its id is this upload's alone. */
const storedBefore = async (record, error, signal) => {
  const { sha256_hash } = await presign({ action: "download", bucket: record.bucket, blob_id: record.blobId }, signal);
  if (!sha256_hash) {
    throw error;
  }

  return { sha256_hash };
};
