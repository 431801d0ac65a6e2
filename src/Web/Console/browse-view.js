// Browsing: the buckets, and the blobs of one.

const bucketRoute = bucket => `#/buckets/${bucket}`;
const blobRoute = (bucket, id) => `#/buckets/${bucket}/${id}`;

/** Who may not list is led on to the form. */
const noList = error => [
  errorBox(error),
  error.code === "key_not_allowed" && note("This key may not list the buckets. One whose name you know can be opened here:"),
];

const bucketsView = signal => ({
  title: "Browse",
  node: [
    h("h1", { tabindex: "-1" }, "Buckets"),
    later(admin("GET", "/buckets", signal), ({ buckets }) => buckets.length === 0
      ? empty("Nothing is stored yet", h("p", {}, "A bucket appears with its first file."), h("a", { class: "button primary", href: "#/upload" }, "Upload a file"))
      : table("Buckets", [
        { label: "Name", cell: bucket => h("a", { href: bucketRoute(bucket.name) }, bdi(bucket.name)) },
        { label: "Blobs", number: true, cell: bucket => formatCount(bucket.object_count) },
        { label: "Size", number: true, cell: bucket => formatBytes(bucket.total_size) },
        { label: "Created", cell: bucket => formatTime(bucket.created_at) },
      ], buckets), noList),
    h("section", { class: "card", "aria-label": "Open" }, openForm()),
  ],
});

/** For keys that may not list: the bucket, and a blob of it, by hand. */
const openForm = () => {
  const [bucket, id] = [bucketInput(), idInput()];
  return h("form", { class: "fields", onsubmit: event => {
    event.preventDefault();
    location.hash = id.value ? blobRoute(bucket.value, id.value.toLowerCase()) : bucketRoute(bucket.value);
  } }, field("Bucket", bucket), field("Blob id (optional)", id), h("button", { type: "submit" }, "Open"));
};

/** What refuses a bucket's details refuses its blobs too, and is told there. */
const TOLD_BY_LIST = ["key_not_allowed", "no_such_bucket", "network"];

const bucketView = (bucket, signal) => {
  const head = h("div", { class: "buttons" },
    button("Make an upload URL…", () => linkDialog(bucket, null)),
    button("Revoke URLs…", event => revokeAsked(bucket).catch(failed(event.target))),
    button("Delete bucket…", event => deleteBucketAsked(bucket).catch(failed(event.target)), { class: "danger" }));
  const pages = h("div");
  const prefix = patternInput("[0-9a-fA-F\\-]{0,36}", "An id has hexadecimal digits and dashes", { type: "search" });
  const load = () => pages.replaceChildren(blobPages(bucket, prefix.value.trim(), signal));
  load();
  return {
    title: `Bucket ${bucket}`,
    node: [
      h("p", { class: "crumbs" }, h("a", { href: "#/buckets" }, "Buckets")),
      h("h1", { tabindex: "-1" }, bdi(bucket)),
      later(admin("GET", `/buckets/${bucket}`, signal), ({ bucket: found }) =>
        h("p", { class: "hint sub" }, [
          plural(found.object_count, "blob"), formatBytes(found.total_size), `since ${formatTime(found.created_at)}`, `epoch ${found.epoch}`,
        ].join(" · ")), error => TOLD_BY_LIST.includes(error.code) ? null : errorBox(error)),
      head,
      h("form", { class: "fields", role: "search", onsubmit: event => {
        event.preventDefault();
        load();
      } }, field("Id begins with", prefix), h("button", { type: "submit" }, "Filter")),
      pages,
    ],
  };
};

const PAGE = 50;

/** One page at a time. The cursors of the pages before are kept, so that there is a way back. */
const blobPages = (bucket, prefix, signal, cursors = []) => {
  const after = cursors.at(-1);
  const query = { limit: PAGE, ...after && { after }, ...prefix && { blob_id: prefix } };
  const turn = to => {
    const next = blobPages(bucket, prefix, signal, to);
    box.replaceWith(next);
    $("h1").focus();
  };
  const box = later(objects(bucket, query, signal), ({ objects: found, total, next }) => found.length === 0
    ? empty(prefix ? "No id begins so" : "There is no blob here", h("a", { class: "button", href: "#/upload" }, "Upload a file"))
    : [
      blobTable(bucket, found),
      h("nav", { class: "row", "aria-label": "Pages" },
        h("p", { class: "hint" }, `${formatCount(cursors.length * PAGE + 1)} to ${formatCount(cursors.length * PAGE + found.length)} of ${formatCount(total)}`),
        h("div", { class: "buttons" },
          cursors.length > 0 && button("Previous page", () => turn(cursors.slice(0, -1))),
          next && button("Next page", () => turn([...cursors, next])))),
    ]);
  return box;
};

const blobTable = (bucket, blobs) => table(`Blobs of ${bucket}`, [
  { label: "Blob", cell: blob => h("a", { class: "entry", href: blobRoute(bucket, blob.blob_id) },
    nameOf(blob.content_disposition) && bdi(nameOf(blob.content_disposition)), code(blob.blob_id)) },
  { label: "Type", cell: blob => bdi(blob.content_type ?? "–") },
  { label: "Size", number: true, cell: blob => formatBytes(blob.file_size) },
  { label: "Created", cell: blob => formatTime(blob.created_at) },
], blobs);

const revokeAsked = async bucket => {
  if (await ask("Revoke the URLs of this bucket?", [
    "Every URL of ", bdi(bucket), " that was made until now stops working, also those of uploads on their way.",
  ], "Revoke")) {
    const { epoch } = await admin("POST", `/buckets/${bucket}/revoke`);
    announce(`Revoked; the epoch is ${epoch}`);
    showView();
  }
};

const deleteBucketAsked = async bucket => {
  if (await ask("Delete this bucket if it is empty?", [
    bdi(bucket), " is deleted only if no blob is in it when the server looks. Its unfinished uploads are deleted with it.",
  ], "Delete bucket")) {
    await admin("DELETE", `/buckets/${bucket}`);
    location.hash = "#/buckets";
    announce("Deleted");
  }
};
