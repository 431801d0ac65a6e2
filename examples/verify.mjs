// Verifies Borderless URLs, and receipts of HS256 only: Node 20 and browsers. Cases: node examples/verify.mjs vectors/
const RESERVED = "upload files admin presign healthz readyz metrics openapi console .well-known".split(" ");
const ROUTES = { upload: { POST: "upload", PUT: "update", GET: "status" }, files: { GET: "download", DELETE: "delete" },
  "/chunks": { GET: "status" }, "": { POST: "upload", PUT: "update", GET: "download", DELETE: "delete" } };
const ANYWHERE = ["expires", "not_before", "client_ip"], HEADERS = ["response_content_type", "response_content_disposition"];
const NUMBER = "0|[1-9][0-9]{0,17}", NAME = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}", TYPE = `(?=.{1,255}$)(?!.* $)${NAME}/(\\*|${NAME} *(;[ -}]*)?)`;
const RULES = { // how its value is spelled, what its refusal is called, and when it passes; in the order in which they are judged
  expires: [NUMBER, "link_expired", (value, use) => use.now <= BigInt(value)],
  not_before: [NUMBER, "link_not_yet_valid", (value, use) => use.now >= BigInt(value)],
  client_ip: ["[0-9A-Fa-f:.]+(/(0|[1-9][0-9]*))?", "client_not_allowed", (value, use) => clientIn(value, use.client)],
  chunks: ["[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?", "invalid_chunk", (value, use) => use.intent === "chunk" && inSpan(use.index, value)],
  max_size: [NUMBER, "payload_too_large", (value, use) => use.size <= BigInt(value)],
  min_size: [NUMBER, "too_small", (value, use) => use.intent === "chunk" || use.size >= BigInt(value)],
  sha256: ["[0-9A-Fa-f]{64}", "digest_mismatch", (value, use) => use.intent === "chunk" || use.sha256 === value.toLowerCase()],
  content_type: [TYPE, "unsupported_media_type", (value, use) => use.intent === "chunk" || typeIn(value.toLowerCase(), use.type)],
  once: ["[A-Za-z0-9_-]{16,64}", "link_used", () => true] }; // only the store knows whether it was used
const is = (pattern, text) => new RegExp(`^(?:${pattern})$`, "s").test(text), has = Object.hasOwn;
const inSpan = (index, span) => index >= Number(span.split("-")[0]) && index <= Number(span.split("-").at(-1));
function bitsOf(address) { // 32 or 128, or null for a text that is no address; IPv4 within IPv6 counts as what it stands for
  const url = `http://[${address.includes(":") ? "" : "::ffff:"}${address}]`;
  if (!is("[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*", address) || !URL.canParse(url)) return null;
  const [head, tail = []] = new URL(url).hostname.slice(1, -1).split("::").map((side) => side.split(":").filter(Boolean));
  const groups = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("").replace(/^0{80}1{16}/, ""); }
function rangeOf(text) { // the bits that its addresses begin with, or null for a text that is no range
  const [address, length] = text.split("/"), bits = bitsOf(address), count = Number(length ?? bits?.length);
  return bits && (bits.length === 32) !== address.includes(":") && count <= bits.length && !bits.slice(count).includes("1") ? bits.slice(0, count) : null; }
const clientIn = (text, client) => Boolean(client) && bitsOf(client).startsWith(rangeOf(text)) && (bitsOf(client).length === 32) !== text.includes(":");
const typeIn = (wanted, sent) => !wanted.endsWith("/*") ? sent === wanted // all of a type means one media type: a list is none
  : sent.startsWith(wanted.slice(0, -1)) && is(`[^/]*/${NAME}[ \\t]*(;[^,]*)?`, sent);
const isRule = ([name, text]) => has(RULES, name) && is(RULES[name][0], text) && (name !== "client_ip" || rangeOf(text) !== null)
  && (name !== "chunks" || (inSpan(text.split("-")[0], text) && inSpan(text.split("-").at(-1), "1-10000")));
function readPairs(text, between) { // each name once, values percent-decoded once as UTF-8; null where that cannot be
  const pairs = text === "" ? [] : text.split(between).map((pair) => pair.match(/^([a-z0-9_]{1,32})(?:=([\x00-\x7f]*))?$/));
  try { const values = new Map(pairs.map(([, name, value = ""]) => [name, decodeURIComponent(value)])); return values.size === pairs.length ? values : null;
  } catch { return null; } }
const base64url = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replaceAll("+", "-").replaceAll("/", "_");
const bytes = (text) => new TextEncoder().encode(text), hmac = { name: "HMAC", hash: "SHA-256" }; // compared in constant time:
const same = (a, b) => a.length === b.length && [...a].reduce((bits, c, i) => bits | (c.charCodeAt(0) ^ b.charCodeAt(i)), 0) === 0;
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const mac = async (key, text) => crypto.subtle.sign("HMAC", await crypto.subtle.importKey("raw", await key, hmac, false, ["sign"]), bytes(text));
const chain = async (key, texts) => base64url(await texts.reduce(mac, key)); // each HMAC is the key of the next
async function* judge({ keys, epoch, now, client, method, target, upload }) { // what must hold, and what it is called where it does not
  const parts = target.match(/^(\/(?!\.\.?\/)([^/%?]+)\/(?!\.\.?(?:[/?]|$))([^/%?]+)(\/chunks)?)(?:\?(.*))?$/s), verb = method === "HEAD" ? "GET" : method;
  yield [parts && !RESERVED.slice(parts[4] ? 0 : 2).includes(parts[2]), "no_such_route"];
  const [, path, first, blob, chunks, query = ""] = parts, own = ["upload", "files"].includes(first), routes = ROUTES[chunks ?? (own ? first : "")];
  yield [own || (is("[A-Za-z0-9_-]{1,63}", first) && !RESERVED.includes(first.toLowerCase())), "invalid_bucket"];
  yield [has(routes, verb), "method_not_allowed"]; yield [is("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", blob), "invalid_blob_id"];
  const values = readPairs(query, "&"), levels = values?.get("narrow")?.split("~") ?? [];
  yield [values && values.size <= 32 && values.get("kid") !== "" && (levels.length === 0 || (levels.length <= 8 && query.length <= 4096)), "invalid_signature"];
  yield [values.has("sig") && values.has("expires"), "missing_signature"]; const kid = values.get("kid") ?? "", key = has(keys, kid) ? keys[kid] : null, expires = values.get("expires"), minted = values.get("epoch") ?? "0";
  yield [key && now <= (key.until ?? now) && is("0|[1-9][0-9]{0,11}", expires), "invalid_signature"];
  const signed = [...values].filter(([name]) => !["sig", "expires", "narrow"].includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [verb, path, expires, ...signed.map(([name, value]) => `${name}=${encode(value)}`)].join("|"), texts = [text, ...levels.map((level) => `narrow|${level}`)];
  yield [same(await chain(bytes(key.secret), texts), values.get("sig")), "invalid_signature"];
  yield [is(NUMBER, minted), "invalid_rule"]; yield [BigInt(minted) >= epoch, "link_revoked"]; yield [now <= Number(expires), "link_expired"];
  yield [signed.every(([name]) => [...Object.keys(RULES), "kid", "epoch", ...(routes[verb] === "download" ? HEADERS : [])].includes(name)), "unknown_parameter"];
  const added = levels.flatMap((level) => [...(level && readPairs(level, "|") || [["", ""]])]), rules = [...signed.filter(([name]) => has(RULES, name)), ...added];
  yield [rules.every(isRule) && added.every(([name]) => name !== "once"), "invalid_rule"];
  yield [["upload", "update"].includes(routes[verb]) || rules.every(([name]) => ANYWHERE.includes(name)), "invalid_rule"];
  const use = { now, client, ...upload, type: (upload?.content_type || "application/octet-stream").toLowerCase() };
  for (const rule of upload ? Object.keys(RULES) : ANYWHERE)
    for (const [, value] of rules.filter(([name]) => name === rule)) yield [RULES[rule][2](value, use), RULES[rule][1]];
  yield [HEADERS.every((name) => is("(?![ \\t])[\\t -~]{0,2048}(?<![ \\t])", values.get(name) ?? "")), "invalid_header"]; }
export async function verify(use) { // "ok", or the code of what refuses first
  for await (const [holds, code] of judge(use)) if (!holds) return code; return "ok"; }
export async function verifyReceipt({ keys, now, receipt }) { // what it says, or null; its key says by which algorithm, never the receipt
  const read = (part) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))));
  try {
    const [head, body, sig, more] = receipt.split("."), [header, claims] = [read(head), read(body)], kid = header.kid ?? "", key = has(keys, kid) ? keys[kid] : null; // null throws
    const right = await chain(new Uint8Array(32), [key.secret, "borderless receipt v1\x01", `${head}.${body}`]); // HKDF-SHA256 (RFC 5869), then HS256
    const ours = header.alg === "HS256" && header.typ === "borderless-receipt+jwt" && !["crit", "exp", "nbf", "aud"].some((name) => has({ ...header, ...claims }, name));
    return ours && more === undefined && same(right.replace("=", ""), sig) && now <= (key.until ?? now) ? claims : null;
  } catch { return null; } }
if (globalThis.process?.argv[1]?.endsWith("/verify.mjs")) {
  const { readdirSync, readFileSync } = await import("node:fs"), folder = process.argv[2], wrong = [];
  const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).sort().flatMap((name) => JSON.parse(readFileSync(`${folder}/${name}`)).cases);
  for (const one of cases) if (JSON.stringify(await ("receipt" in one ? verifyReceipt : verify)(one)) !== JSON.stringify(one.expect)) wrong.push(one.name);
  console.log([...wrong, `${cases.length - wrong.length} passed, ${wrong.length} failed`].join("\n")); process.exitCode = wrong.length > 0 || cases.length === 0 ? 1 : 0; }
