"use strict";

// Pure functions: numbers, times and names as people read them.

const KIB = 1024, MIB = 1024 * KIB;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

const formatBytes = bytes => {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1).replace(/\.0$/, "")} ${UNITS[step]}`;
};

const formatCount = count => count.toLocaleString("en");

const plural = (count, one, many = `${one}s`) => `${formatCount(count)} ${count === 1 ? one : many}`;

const formatDuration = seconds =>
  seconds < 60 ? `${Math.max(1, Math.round(seconds))} s`
  : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  : `${Math.floor(seconds / 3600)} h ${Math.round(seconds % 3600 / 60)} min`;

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

const formatTime = text => {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
};

/** "10 MiB", "10 mb" or "512" as bytes; null for what is no size. */
const parseSize = text => {
  const read = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(text);
  return read ? Math.round(Number(read[1]) * 1024 ** " kmgt".indexOf(read[2].toLowerCase() || " ")) : null;
};

const BUCKET_RULE = "A bucket's name is 1 to 63 of a-z, 0-9, - and _";

const isBucketName = text => /^[a-z0-9_-]{1,63}$/.test(text);

const isBlobId = text => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Keys are visible ASCII; fetch would throw at others. */
const isKey = text => /^[\x21-\x7e]+$/.test(text);

const hex = buffer => [...new Uint8Array(buffer)].map(byte => byte.toString(16).padStart(2, "0")).join("");

const base64 = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)));

/** A file's name as content-disposition (RFC 6266): plain for old readers, and encoded (RFC 8187) with all its characters. */
const dispositionOf = name => {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_").slice(0, 200);
  const encoded = encodeURIComponent(name.slice(0, 200).toWellFormed()).replace(/['()*!]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
};

/** The name in a content-disposition, or null. */
const nameOf = disposition => {
  const encoded = /;\s*filename\*=utf-8'[^']*'([^;\s]+)/i.exec(disposition ?? "");
  const plain = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? "");
  try {
    return encoded ? decodeURIComponent(encoded[1]) : plain ? (plain[1]?.replace(/\\(.)/g, "$1") ?? plain[2]) : null;
  } catch {
    return plain ? plain[1] ?? plain[2] : null;
  }
};

const isUtf8 = bytes => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Text of which nobody said in which characters it is written: browsers would show it as windows-1252. */
const lacksCharset = type => /^text\//i.test(type) && !/;\s*charset\s*=/i.test(type);

/** How a blob of this type can be shown: "image", "video", "audio", "text", or null. */
const previewKind = type => {
  const essence = (type ?? "").split(";")[0].trim().toLowerCase();
  const group = essence.split("/")[0];
  return ["image", "video", "audio", "text"].includes(group) ? group
    : /^application\/(.*\+)?(json|xml|yaml|toml|javascript|x-sh|sql|x-ndjson)$/.test(essence) ? "text" : null;
};

/** The path and query of a minted URL: its host is how others reach the store, and no part of the signature. */
const pathOf = url => {
  const { pathname, search } = new URL(url);
  return pathname + search;
};
