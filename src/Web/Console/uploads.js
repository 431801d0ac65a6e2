// Uploads: what is kept of each over a reload, and how it runs. A job is
//   { record, file, state, error, trouble, done: Set of indexes, flying: Map index → bytes, samples, checked, answer, stop }
// where the record alone is kept, and holds neither key nor URL nor signature: these are made anew from the API key.
// It is in localStorage, so that an upload also outlives its tab; each under a name of its own, so that tabs do not lose each other's.
// States: waiting, running, checking, merging, paused, needs-file, failed, done.

const RECORD = "borderless.upload.";
const AT_ONCE = 4;
const jobs = [];
const listeners = new Set();

const change = (job, more) => {
  Object.assign(job, more);
  listeners.forEach(listener => listener(job));
};

const keepRecord = record => localStorage.setItem(RECORD + record.blobId, JSON.stringify(record));
const dropRecord = record => localStorage.removeItem(RECORD + record.blobId);

const keptRecords = () => Object.keys(localStorage).filter(key => key.startsWith(RECORD)).flatMap(key => {
  try {
    return [JSON.parse(localStorage.getItem(key))];
  } catch {
    return [];
  }
});

const newJob = (record, file, state) =>
  ({ record, file, state, error: null, trouble: null, done: new Set(), flying: new Map(), samples: [], checked: canDigest(), links: {} });

const sentBytes = job =>
  [...job.done].reduce((sum, index) => sum + sizeOf(job.record, index), 0) + [...job.flying.values()].reduce((sum, bytes) => sum + bytes, 0);

const isActive = job => ["waiting", "running", "checking", "merging"].includes(job.state);

const addUpload = (bucket, file) => {
  const record = { bucket, name: file.name, size: file.size, lastModified: file.lastModified, type: file.type, ...planOf(file.size) };
  jobs.unshift(newJob(record, file, "waiting"));
  change(jobs[0], {});
  startWaiting();
};

/** After a reload: what was unfinished waits for its file. */
const restoreUploads = () => {
  const known = new Set(jobs.map(job => job.record.blobId));
  keptRecords().filter(record => !known.has(record.blobId)).forEach(record => {
    const job = newJob(record, null, "needs-file");
    jobs.push(job);
    arrived(job).then(done => change(job, { done: new Set(done.map(chunk => chunk.index)) }), () => {});
  });
};

/** What another tab finished or cancelled is not waited for here any more. */
window.addEventListener("storage", event => {
  if (event.newValue === null) {
    jobs.filter(job => job.state === "needs-file" && RECORD + job.record.blobId === event.key).forEach(forget);
  }
});

const startWaiting = () => jobs.toReversed()
  .filter(job => job.state === "waiting")
  .slice(0, Math.max(0, AT_ONCE - jobs.filter(job => isActive(job) && job.state !== "waiting").length))
  .forEach(run);

const resume = (job, file = job.file) => {
  change(job, { file, state: file ? "waiting" : "needs-file", error: null });
  startWaiting();
};

const pauseUpload = job => {
  job.stop?.abort();
  change(job, { state: "paused", trouble: null });
  startWaiting();
};

const forget = job => {
  jobs.splice(jobs.indexOf(job), 1);
  dropRecord(job.record);
  change(job, {});
};

/** The chunks that have arrived are deleted, and no blob: one that is there was finished, in another tab or just now. */
const cancelUpload = async job => {
  job.stop?.abort();
  change(job, { state: "paused" });
  if (job.record.blobId) {
    await deleteBlob(job.record.bucket, job.record.blobId, { "if-none-match": "*" }).catch(error => {
      if (error.code !== "no_such_blob" && error.code !== "precondition_failed") {
        throw error;
      }
    });
  }

  forget(job);
  startWaiting();
};

const run = async job => {
  const stop = new AbortController();
  change(job, { stop, state: "running", error: null, trouble: null, samples: [], flying: new Map(), links: {} });
  try {
    await link(job);
    const answer = await (job.record.total === 1 ? sendWhole(job) : sendChunks(job));
    dropRecord(job.record);
    change(job, { state: "done", answer });
    announce(`${job.record.name} is uploaded`);
  } catch (error) {
    stop.abort();
    if (job.stop === stop && isActive(job)) {
      change(job, { state: error.code === "unreadable_file" ? "needs-file" : "failed", error, trouble: null });
      announce(`${job.record.name} failed`);
    }
  } finally {
    if (job.stop === stop) {
      job.flying.clear();
    }
    startWaiting();
  }
};

const trouble = job => error => job.trouble !== error && isActive(job) && change(job, { trouble: error });
