// One blob: its details, a preview, and what can be done with it.

const blobView = (bucket, id, signal) => ({
  title: `Blob ${id}`,
  node: [
    h("p", { class: "crumbs" }, h("a", { href: "#/buckets" }, "Buckets"), " / ", h("a", { href: bucketRoute(bucket) }, bdi(bucket))),
    h("h1", { tabindex: "-1", class: "id" }, bdi(id)),
    later(findBlob(bucket, id, signal), blob => blobParts(blob, signal)),
  ],
});

const blobParts = (blob, signal) => [
  h("div", { class: "buttons" },
    button("Download", event => download(blob).catch(failed(event.target)), { class: "primary" }),
    button("Make a URL…", () => linkDialog(blob.bucket, blob.blob_id)),
    button("Delete…", event => deleteAsked(blob).catch(failed(event.target)), { class: "danger" })),
  h("section", { class: "card", "aria-label": "Details" }, facts([
    ["Name", nameOf(blob.content_disposition) && bdi(nameOf(blob.content_disposition))],
    ["Type", bdi(blob.content_type ?? "none was given")],
    ["Size", `${formatBytes(blob.file_size)} (${plural(blob.file_size, "byte")})`],
    ["SHA-256", blob.sha256_hash && [code(blob.sha256_hash), " ", copyButton(blob.sha256_hash, "the digest")]],
    ["Id", [code(blob.blob_id), " ", copyButton(blob.blob_id, "the id")]],
    ["Created", blob.created_at && formatTime(blob.created_at)],
    ["Changed", formatTime(blob.updated_at)],
    ["Disposition", blob.content_disposition && bdi(blob.content_disposition)],
  ])),
  h("section", { class: "card", "aria-labelledby": "preview" }, h("h2", { id: "preview" }, "Preview"), preview(blob, signal)),
];

/** Shows an error beside the control that led to it. */
const failed = control => error => {
  control.parentElement.parentElement.querySelectorAll(":scope > .error").forEach(old => old.remove());
  control.parentElement.after(errorBox(error));
};

/** The browser shows no error of a download, so the URL is tried before it gets it. */
const download = blob => throughLink({
  action: "download", bucket: blob.bucket, blob_id: blob.blob_id, expires_in: 3600,
  response_content_disposition: dispositionOf(nameOf(blob.content_disposition) ?? blob.blob_id),
}, async path => {
  await headOf(path);
  h("a", { href: path, download: "" }).click();
});

const deleteAsked = async blob => {
  const called = nameOf(blob.content_disposition);
  if (await ask("Delete this blob?", [
    bdi(called ?? blob.blob_id), " is deleted for good: URLs to download it answer 404 from then on. ",
    "An upload URL that has not expired can store it again; revoking the bucket's URLs prevents that.",
  ], "Delete")) {
    await deleteBlob(blob.bucket, blob.blob_id);
    location.hash = bucketRoute(blob.bucket);
    announce("Deleted");
  }
};

const preview = (blob, signal) => {
  const kind = previewKind(blob.content_type);
  return blob.file_size === 0 ? note("The blob is empty.")
    : kind === "text" ? later(textPreview(blob, signal), shown => shown)
    : kind ? later(mediaPreview(kind, blob, signal), shown => shown)
    : askedPreview(blob, signal);
};

const askedPreview = (blob, signal) => {
  const box = h("div", {}, note("There is no preview of this type."),
    button("Show as text", () => {
      const text = later(textPreview(blob, signal), shown => shown);
      text.tabIndex = -1;
      box.replaceChildren(text);
      text.focus();
    }));
  return box;
};

const mediaUrl = async (blob, signal) =>
  pathOf((await presign({ action: "download", bucket: blob.bucket, blob_id: blob.blob_id, expires_in: 3600 }, signal)).url);

/** Whether the URL of a film still does: the element that shows it cannot tell why it stopped. */
const isFresh = async (path, signal) => {
  try {
    await headOf(path, signal);
    return true;
  } catch (error) {
    if (isStale(error)) {
      return false;
    }

    throw error;
  }
};

/**
 * Seeking asks for ranges of the same URL. Where that is stale, it is minted anew, and the film goes on where it was. What does not
 * begin under a new URL either was not stopped by its URL.
 */
const mediaPreview = async (kind, blob, signal) => {
  const what = `Preview of ${nameOf(blob.content_disposition) ?? blob.blob_id}`;
  let path = await mediaUrl(blob, signal);
  const media = kind === "image"
    ? h("img", { src: path, alt: what })
    : h(kind, { src: path, controls: true, preload: "metadata", "aria-label": what });
  const renew = async () => {
    const { currentTime, paused } = media;
    media.src = path = await mediaUrl(blob, signal);
    if (kind !== "image") {
      media.currentTime = currentTime;
      paused || await media.play();
    }
  };
  let began = true;
  const stopped = async () => {
    const isNew = !began;
    began = false;
    return isNew || await isFresh(path, signal) ? media.replaceWith(note("The browser cannot show this.")) : renew();
  };
  ["loadeddata", "load"].forEach(event => media.addEventListener(event, () => { began = true; }));
  media.addEventListener("error", () => stopped().catch(error => error instanceof ApiError && media.replaceWith(errorBox(error))));
  return media;
};

const TEXT_SHOWN = 64 * KIB;

const textPreview = async (blob, signal) => {
  const bytes = await throughLink({ action: "download", bucket: blob.bucket, blob_id: blob.blob_id },
    async path => (await request("GET", path, { signal, headers: { range: `bytes=0-${TEXT_SHOWN - 1}` } })).arrayBuffer(), signal);
  return [
    blob.file_size > TEXT_SHOWN && note(`The first ${formatBytes(TEXT_SHOWN)}:`),
    h("pre", { tabindex: "0", role: "region", "aria-label": "Text", dir: "auto" }, new TextDecoder().decode(bytes)),
  ];
};
