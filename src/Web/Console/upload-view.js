// The upload page: where files are dropped, and the list of uploads.

let lastBucket = "default";

const uploadView = () => {
  const bucket = bucketInput({ value: lastBucket, list: "known-buckets", oninput: () => { lastBucket = bucket.value; } });
  const picker = h("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Files to upload",
    onchange: () => { take([...picker.files]); picker.value = ""; } });
  const problem = h("div");
  const take = files => {
    const name = bucket.value.toLowerCase();
    const strangers = files.filter(file => !resumeWith(name, file));
    const wrong = strangers.length > 0 && !isBucketName(name);
    problem.replaceChildren(...wrong ? [errorBox({ message: BUCKET_RULE })] : []);
    return wrong ? bucket.focus() : strangers.forEach(file => addUpload(name, file));
  };
  return {
    title: "Upload",
    node: [
      h("h1", { tabindex: "-1" }, "Upload"),
      h("section", { class: "card", "aria-label": "New upload" },
        field("Bucket", bucket, "A new bucket appears with its first file."),
        knownBuckets(),
        dropZone(take, h("p", {}, h("strong", {}, "Drop files here")),
          h("p", { class: "hint" }, `or choose them. Above ${formatBytes(SINGLE_UP_TO)} they go up in chunks, and can be resumed.`),
          button("Choose files", () => picker.click(), { class: "primary" }), picker),
        problem),
      uploadList(),
    ],
  };
};

/** A file that an upload to this bucket waits for goes there. */
const resumeWith = (bucket, file) => {
  const job = jobs.find(one => one.state === "needs-file" && one.record.bucket === bucket && differenceOf(one.record, file) === null);
  job && resume(job, file);
  return job !== undefined;
};

const knownBuckets = () => {
  const list = h("datalist", { id: "known-buckets" });
  admin("GET", "/buckets").then(({ buckets }) => list.append(...buckets.map(bucket => h("option", { value: bucket.name }))), () => {});
  return list;
};

const dropZone = (take, ...children) => {
  const over = is => event => {
    event.preventDefault();
    zone.classList.toggle("over", is);
  };
  const zone = h("div", { class: "drop", ondragover: over(true), ondragleave: over(false), ondrop: event => {
    over(false)(event);
    take([...event.dataTransfer.files]);
  } }, ...children);
  return zone;
};

const uploadList = () => {
  const lines = new Map();
  const list = h("ul", { class: "uploads" });
  const nothing = empty("Nothing is on its way", h("p", {}, "What you upload is listed here, also after a reload, until it is done."));
  const clear = button("Clear finished", () => jobs.filter(job => job.state === "done").forEach(remove), { class: "small quiet" });
  const section = h("section", { "aria-label": "Uploads" }, h("div", { class: "row" }, h("h2", {}, "Uploads"), clear), nothing, list);
  const arrange = () => keepFocus(section, () => {
    jobs.filter(job => !lines.has(job)).forEach(job => lines.set(job, uploadLine(job)));
    [...lines.keys()].filter(job => !jobs.includes(job)).forEach(job => {
      lines.get(job).node.remove();
      lines.delete(job);
    });
    jobs.map(job => lines.get(job).node).forEach((node, at) => list.children[at] !== node && list.insertBefore(node, list.children[at] ?? null));
    nothing.hidden = jobs.length > 0;
    clear.hidden = !jobs.some(job => job.state === "done");
    lines.forEach(line => line.draw());
  });
  let due = false;
  const changed = () => {
    if (!due) {
      due = true;
      requestAnimationFrame(() => {
        due = false;
        section.isConnected ? arrange() : listeners.delete(changed);
      });
    }
  };
  listeners.add(changed);
  arrange();
  return section;
};
