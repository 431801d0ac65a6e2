// Uploads: the list, and what is kept of each over a reload. A job is
//   { record, file, type (as which it is sent), state, error, trouble, remark, done: Set of indexes, sums: Map index → digest, flying: Map index → bytes, samples, links, stop, running }
// where the record alone is kept, and holds neither key nor URL nor signature: these are made anew from the API key.
// It is in localStorage, so that an upload also outlives its tab; each under a name of its own, so that tabs do not lose each other's.
// States: waiting, running, checking, merging, cancelling, elsewhere (in another tab), paused, needs-file, failed, refused, done.

const RECORD = "borderless.upload.";
const AT_ONCE = 4;
const jobs = [];
const listeners = new Set();

const change = (job, more) => {
  Object.assign(job, more);
  listeners.forEach(listener => listener(job));
};

const nameOfRecord = record => RECORD + record.blobId;
const keepRecord = record => localStorage.setItem(nameOfRecord(record), JSON.stringify(record));
const dropRecord = record => localStorage.removeItem(nameOfRecord(record));

/** Whether this is a record as this page writes it: an older or newer page may have left another shape. */
const isRecord = record => record !== null && [record.bucket, record.blobId, record.name].every(text => typeof text === "string")
  && isBucketName(record.bucket) && isBlobId(record.blobId)
  && [record.size, record.lastModified, record.chunkSize, record.total].every(Number.isSafeInteger)
  && record.total === Math.max(1, Math.ceil(record.size / Math.max(record.chunkSize, 1)));

const keptRecords = () => Object.keys(localStorage).filter(key => key.startsWith(RECORD)).flatMap(key => {
  const record = readJson(localStorage.getItem(key));
  if (isRecord(record)) {
    return [record];
  }

  localStorage.removeItem(key);
  return [];
});

const newJob = (record, file, state) => ({
  record, file, type: null, state, error: null, trouble: null, remark: null, done: new Set(), sums: new Map(), flying: new Map(), samples: [], links: {}, stop: null,
  running: Promise.resolve(),
});

const sentBytes = job =>
  [...job.done].reduce((sum, index) => sum + sizeOf(job.record, index), 0) + [...job.flying.values()].reduce((sum, bytes) => sum + bytes, 0);

const isActive = job => ["waiting", "running", "checking", "merging"].includes(job.state);

const addUpload = (bucket, file) => {
  const record = { bucket, name: file.name, size: file.size, lastModified: file.lastModified, type: file.type, ...planOf(file.size) };
  jobs.unshift(newJob(record, file, "waiting"));
  change(jobs[0], {});
  startWaiting();
};

/** After a reload: what was unfinished waits for its file, or for the tab that has it. */
const restoreUploads = () => {
  const known = new Set(jobs.map(job => job.record.blobId));
  keptRecords().filter(record => !known.has(record.blobId)).forEach(record => {
    const job = newJob(record, null, "needs-file");
    jobs.push(job);
    isHeld(record).then(held => held && job.state === "needs-file" && waitElsewhere(job));
    arrived(record).then(chunks => job.file || change(job, { done: new Set(chunks.map(chunk => chunk.index)) }), () => {});
  });
};

const remove = job => {
  if (jobs.includes(job)) {
    jobs.splice(jobs.indexOf(job), 1);
    change(job, {});
  }
};

/** What another tab finished or cancelled is not waited for here any more, nor sent. */
window.addEventListener("storage", event => {
  if (event.newValue === null) {
    jobs.filter(job => job.state !== "done" && nameOfRecord(job.record) === event.key).forEach(job => {
      job.stop?.abort();
      remove(job);
    });
    startWaiting();
  }
});

const startWaiting = () => jobs.toReversed()
  .filter(job => job.state === "waiting")
  .slice(0, Math.max(0, AT_ONCE - jobs.filter(job => isActive(job) && job.state !== "waiting").length))
  .forEach(run);

/** Another file than before may have other bytes, whatever it is called. */
const resume = (job, file = job.file) => {
  change(job, { file, state: file ? "waiting" : "needs-file", error: null, sums: file === job.file ? job.sums : new Map() });
  startWaiting();
};

const pauseUpload = job => {
  job.stop?.abort();
  change(job, { state: "paused", trouble: null });
  startWaiting();
};

/** Whoever signs in next has a list of their own; what is kept comes back as needing its file. */
const leaveUploads = () => jobs.splice(0).forEach(job => {
  job.stop?.abort();
  change(job, {});
});
