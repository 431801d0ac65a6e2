// How an upload runs, and how it is cancelled. One run at a time: the next one of a job waits for the end of the one before, and so does deleting.
// A run's signal is handed down, and looked at after each wait; what has been stopped changes nothing any more.

/** While a tab works on an upload, it holds the lock of its name. Where there are no locks (no secure context), nothing is held. */
const alone = (record, work) => navigator.locks === undefined
  ? work()
  : navigator.locks.request(nameOfRecord(record), { ifAvailable: true }, lock => {
    if (lock === null) {
      throw new ApiError(0, { code: "runs_elsewhere", message: "another tab sends this file" });
    }

    return work();
  });

const isHeld = async record => {
  const { held } = await navigator.locks?.query() ?? { held: [] };
  return held.some(lock => lock.name === nameOfRecord(record));
};

/** Waits for the other tab to let go. Where it finished, its record goes too, and the job with it. */
const waitElsewhere = job => {
  change(job, { state: "elsewhere", trouble: null });
  navigator.locks.request(nameOfRecord(job.record), () => {
    if (job.state === "elsewhere") {
      change(job, { state: job.file ? "paused" : "needs-file" });
    }
  });
};

const run = job => {
  const [before, stop] = [job.running, new AbortController()];
  change(job, { stop, state: "running", error: null, trouble: null, remark: null });
  job.running = before.then(() => upload(job, stop.signal));
};

/** Never rejects: how it ended is in the job. */
const upload = async (job, signal) => {
  try {
    signal.throwIfAborted();
    const type = await typeOf(job.record, job.file);
    signal.throwIfAborted();
    change(job, { type, samples: [], flying: new Map(), links: {} });
    await link(job, signal);
    await alone(job.record, () => sendAll(job, signal));
    signal.throwIfAborted();
    dropRecord(job.record);
    change(job, { state: "done" });
    announce(`${job.record.name} is uploaded`);
  } catch (error) {
    if (!signal.aborted) {
      failedRun(job, error);
    }
  } finally {
    job.flying.clear();
    startWaiting();
  }
};

/** Where no URL was ever minted, nothing is there to go on with; where one was, another key may. */
const failedRun = (job, error) => {
  if (error.code === "runs_elsewhere") {
    waitElsewhere(job);
  } else if (isRefusal(error) && !job.record.blobId) {
    change(job, { state: "refused", error, trouble: null });
    announce(`${job.record.name} is refused`);
  } else {
    change(job, { state: error.code === "unreadable_file" ? "needs-file" : "failed", error, trouble: null });
    announce(`${job.record.name} failed`);
  }
};

/** Sends the file as planned. Where the server takes no bodies of this size, it begins anew with half of it. */
const sendAll = async (job, signal) => {
  try {
    return await (job.record.total === 1 ? sendWhole(job, signal) : sendChunks(job, signal));
  } catch (error) {
    const plan = error.status === 413 && !signal.aborted ? halvedPlan(job.record) : null;
    if (plan === null) {
      throw error;
    }

    await deleteArrived(job.record, signal).catch(() => {}); // They would only be in the way until the janitor comes.
    signal.throwIfAborted();
    keepRecord(Object.assign(job.record, plan, { begun: false, merging: false }));
    change(job, { state: "running", done: new Set(), sums: new Map(), flying: new Map(), samples: [] });
    return sendAll(job, signal);
  }
};

/** Deletes the chunks that have arrived, and no blob: one that is there was finished, in another tab or just now. */
const deleteArrived = (record, signal) => deleteBlob(record.bucket, record.blobId, { "if-none-match": "*" }, signal);

const STORED_BEFORE = "It was already stored, and is not deleted";

const cancelUpload = async job => {
  if (job.state === "cancelling" || !jobs.includes(job)) {
    return;
  }

  job.stop?.abort();
  change(job, { state: "cancelling", error: null, trouble: null });
  await job.running;
  try {
    if (job.record.blobId) {
      await alone(job.record, () => deleteArrived(job.record));
    }

    cancelled(job);
  } catch (error) {
    error.code === "no_such_blob" ? cancelled(job)
    : error.code === "precondition_failed" ? stored(job)
    : failedRun(job, error);
  }

  startWaiting();
};

const cancelled = job => {
  dropRecord(job.record);
  remove(job);
};

const stored = job => {
  dropRecord(job.record);
  change(job, { state: "done", remark: STORED_BEFORE });
  announce(STORED_BEFORE);
};

const trouble = (job, signal) => error => !signal.aborted && job.trouble !== error && change(job, { trouble: error });
