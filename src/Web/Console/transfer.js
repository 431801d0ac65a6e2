// Effects of an upload's single requests: sending bytes with progress, waiting for the network, trying again.

/** Four requests at once for all uploads together: a browser opens six connections to a host, and the page needs some itself. */
const slots = { free: 4, waiting: [] };

const inSlot = async (work, signal) => {
  signal.throwIfAborted();
  if (slots.free === 0) {
    await slotFreed(signal);
  } else {
    slots.free--;
  }

  try {
    return await work();
  } finally {
    const next = slots.waiting.shift();
    next ? next() : slots.free++;
  }
};

/** Who stops waiting leaves the queue. */
const slotFreed = signal => new Promise((resolve, reject) => {
  const turn = () => {
    signal.removeEventListener("abort", leave);
    resolve();
  };
  const leave = () => {
    slots.waiting.splice(slots.waiting.indexOf(turn), 1);
    reject(aborted());
  };
  slots.waiting.push(turn);
  signal.addEventListener("abort", leave);
});

const aborted = () => new DOMException("stopped", "AbortError");

/** So long nothing may move before a connection counts as lost. */
const QUIET = 90000;

/** Sends bytes and tells how many left. fetch cannot tell that. */
const send = async (method, path, headers, body, signal, onProgress) => {
  const { status, responseText } = await exchange(method, path, headers, body, signal, onProgress);
  return answerFrom(status, responseText);
};

const exchange = (method, path, headers, body, signal, onProgress) => new Promise((resolve, reject) => {
  if (signal.aborted) {
    reject(aborted());
    return;
  }

  const xhr = new XMLHttpRequest();
  const stop = () => xhr.abort();
  let quiet = setTimeout(stop, QUIET);
  const moved = event => {
    clearTimeout(quiet);
    quiet = setTimeout(stop, QUIET);
    onProgress(event.loaded);
  };
  const ended = outcome => () => {
    clearTimeout(quiet);
    signal.removeEventListener("abort", stop);
    window.removeEventListener("offline", stop);
    outcome();
  };
  xhr.open(method, path);
  Object.entries(headers).forEach(([header, value]) => xhr.setRequestHeader(header, value));
  xhr.upload.onprogress = moved;
  xhr.onload = ended(() => resolve(xhr));
  xhr.onerror = ended(() => reject(noNetwork()));
  xhr.onabort = ended(() => reject(signal.aborted ? aborted() : noNetwork()));
  signal.addEventListener("abort", stop);
  window.addEventListener("offline", stop);
  xhr.send(body);
});

/** Ends after a time, or as soon as the browser says that the network is back. */
const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  const end = outcome => () => {
    clearTimeout(timer);
    window.removeEventListener("online", woken);
    signal.removeEventListener("abort", stopped);
    outcome();
  };
  const [woken, stopped] = [end(resolve), end(() => reject(aborted()))];
  const timer = setTimeout(woken, milliseconds);
  window.addEventListener("online", woken);
  signal.addEventListener("abort", stopped);
});

/** Tries until it is done, or until the error is one that trying again does not mend. */
const insist = async (work, signal, onTrouble) => {
  for (let attempt = 0; ; attempt++) {
    try {
      const done = await work();
      onTrouble(null);
      return done;
    } catch (error) {
      if (signal.aborted || attempt >= triesOf(error)) {
        throw signal.aborted ? aborted() : error;
      }

      onTrouble(error);
      await pause(backoff(Math.min(attempt, 5)), signal);
    }
  }
};

/** WebCrypto is there in secure contexts only: HTTPS, or this machine. */
const canDigest = () => window.isSecureContext && crypto.subtle !== undefined;

/** The digest of a file's slice; null where there is no WebCrypto. */
const digestOf = async slice => canDigest() ? crypto.subtle.digest("SHA-256", await readSlice(slice)) : null;

/** RFC 9530: the server refuses other bytes than these. */
const digestHeader = digest => digest ? { "content-digest": `sha-256=:${base64(digest)}:` } : {};

/** What the server says that it stored must be what was read here. */
const checkAnswer = (digest, answer) => {
  if (digest && hex(digest) !== answer.sha256_hash) {
    throw new ApiError(0, { code: "digest_mismatch", message: "the server stored other bytes than were sent" });
  }
};

const readSlice = async slice => {
  try {
    return await slice.arrayBuffer();
  } catch {
    throw new ApiError(0, { code: "unreadable_file", message: "the file cannot be read; it was changed, moved or is a folder" });
  }
};
