// What an upload sends goes through here: its URL, minted and minted anew, what is tried again, and small files as a whole.

/** The job's upload URL. The first one also names the blob; near its end, or refused, it is minted anew. */
const link = async (job, anew = false) => {
  const { record, links } = job;
  if (anew || !links.upload || links.upload.until < Date.now()) {
    links.minting ??= insist(
      () => presign({ action: "upload", bucket: record.bucket, blob_id: record.blobId, expires_in: 3600 }, job.stop.signal), job.stop.signal, trouble(job))
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

/** Sends a slice of the job's file through its URL in a slot, and tries again what may pass; a file that is gone is not. */
const deliver = (job, headers, body, onProgress, stop = job.stop.signal) => insist(() => inSlot(async () => {
  await readSlice(body.slice(0, 1));
  try {
    return await send("POST", await link(job), headers, body, stop, onProgress);
  } catch (error) {
    if (!isStale(error)) {
      throw error;
    }

    return send("POST", await link(job, true), headers, body, stop, onProgress);
  }
}), stop, error => {
  error && onProgress(0);
  trouble(job)(error);
});

const contentHeaders = record => ({ "content-type": record.type || "application/octet-stream", "content-disposition": dispositionOf(record.name) });

const progress = (job, index) => bytes => {
  job.flying.set(index, Math.min(bytes, sizeOf(job.record, index)));
  change(job, { samples: sampled(job.samples, Date.now(), sentBytes(job)) });
};

const landed = (job, index) => {
  job.flying.delete(index);
  job.done.add(index);
  change(job, {});
};

const sendWhole = async job => {
  const bytes = job.file.slice();
  const digest = await digestOf(bytes);
  const answer = await deliver(job, { ...contentHeaders(job.record), ...digestHeader(digest) }, bytes, progress(job, 1))
    .catch(error => error.code === "duplicate_blob" ? storedBefore(job, error) : Promise.reject(error));
  checkAnswer(digest, answer);
  landed(job, 1);
  return answer;
};

/** An answer that was lost: the blob is there already, since its id is this upload's alone. */
const storedBefore = async (job, error) => {
  const { sha256_hash } = await presign({ action: "download", bucket: job.record.bucket, blob_id: job.record.blobId });
  if (!sha256_hash) {
    throw error;
  }

  return { sha256_hash };
};
