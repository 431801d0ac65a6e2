// The store's HTTP interface. The API key is in sessionStorage, which ends with the tab, and leaves it in one header only.

const KEY = "borderless.key";
const apiKey = () => sessionStorage.getItem(KEY);

class ApiError extends Error {
  constructor(status, { code, message, request_id: requestId, ...more }) {
    super(message);
    Object.assign(this, { status, code, requestId, more });
  }
}

const noNetwork = () => new ApiError(0, { code: "network", message: "the server cannot be reached" });

/** What the store says in an answer: an object where it did what was asked, else an ApiError; also where something between us and it answered. */
const answerFrom = (status, text) => {
  const said = readJson(text);
  const done = status >= 200 && status < 300;
  if (said?.success !== done) {
    throw new ApiError(status, { code: "unexpected_answer", message: "the answer is not one of the store's" });
  }

  if (!done) {
    throw new ApiError(status, said);
  }

  return said;
};

const readJson = text => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What fetch throws is either that we stopped it, or that nobody answered. */
const reaching = async promise => {
  try {
    return await promise;
  } catch (error) {
    throw error.name === "AbortError" ? error : noNetwork();
  }
};

/** Asks the store; what is not 2xx, or no answer at all, throws an ApiError. */
const request = async (method, path, options = {}) => {
  const answer = await reaching(fetch(path, { method, cache: "no-store", credentials: "omit", redirect: "error", ...options }));
  return answer.ok ? answer : answerFrom(answer.status, await reaching(answer.text()));
};

const answerOf = async answer => answerFrom(answer.status, await reaching(answer.text()));

/** So long a small question may take; then it counts as a lost network. */
const WAIT = 60000;

const inTime = signal => AbortSignal.any([AbortSignal.timeout(WAIT), ...signal ? [signal] : []]);

/** The same with the API key. A key that is none any more ends the session, unless another has taken its place. */
const withKey = async (method, path, { headers, signal, ...options } = {}) => {
  const key = apiKey();
  try {
    return await request(method, path, { ...options, signal: inTime(signal), headers: { ...headers, authorization: `Bearer ${key}` } });
  } catch (error) {
    if ((error.code === "invalid_api_key" || error.code === "missing_api_key") && key === apiKey()) {
      endSession(error);
    }

    throw error;
  }
};

const admin = async (method, path, signal) => answerOf(await withKey(method, `/admin${path}`, { signal }));

const presign = async (wish, signal) =>
  answerOf(await withKey("POST", "/presign", { signal, headers: { "content-type": "application/json" }, body: JSON.stringify(wish) }));

/** Does something with a URL for this wish, and once more with a new one where it was refused as stale. */
const throughLink = async (wish, use, signal) => {
  const { url } = await presign(wish, signal);
  try {
    return await use(pathOf(url));
  } catch (error) {
    if (!isStale(error)) {
      throw error;
    }

    return use(pathOf((await presign(wish, signal)).url));
  }
};

const objects = (bucket, query, signal) => admin("GET", `/objects/${bucket}?${new URLSearchParams(query)}`, signal);

/** A blob's details: from the list, or, where the key may not see that, from the headers of its download. */
const findBlob = async (bucket, id, signal) => {
  try {
    const { objects: [found] } = await objects(bucket, { blob_id: id, limit: 1 }, signal);
    if (found) {
      return found;
    }
  } catch (error) {
    if (error.code !== "key_not_allowed" && error.code !== "no_such_bucket") {
      throw error;
    }
  }

  return throughLink({ action: "download", bucket, blob_id: id }, async path => {
    const { headers } = await headOf(path, signal);
    return {
      bucket, blob_id: id, content_type: headers.get("content-type"), content_disposition: headers.get("content-disposition"),
      file_size: Number(headers.get("content-length")), sha256_hash: headers.get("etag")?.replaceAll('"', ""), updated_at: headers.get("last-modified"),
    };
  }, signal);
};

/** A HEAD that fails has no body to tell why, so it is asked again for one byte. */
const headOf = async (path, signal) => {
  try {
    return await request("HEAD", path, { signal });
  } catch (error) {
    if (error.status > 0) {
      await request("GET", path, { signal, headers: { range: "bytes=0-0" } });
    }

    throw error;
  }
};

const deleteBlob = (bucket, id, headers, signal) =>
  throughLink({ action: "delete", bucket, blob_id: id }, path => request("DELETE", path, { headers, signal: inTime(signal) }), signal);
