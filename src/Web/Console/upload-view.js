// The upload page: where files are dropped, and a line for each upload.

let lastBucket = "default";

const uploadView = () => {
  const bucket = h("input", { value: lastBucket, required: true, pattern: "[a-z0-9_\\-]{1,63}", list: "known-buckets", autocomplete: "off",
    autocapitalize: "none", spellcheck: "false", oninput: () => { lastBucket = bucket.value; } });
  const picker = h("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Files to upload",
    onchange: () => { take([...picker.files]); picker.value = ""; } });
  const problem = h("div");
  const take = files => {
    const strangers = files.filter(file => !resumeWith(bucket.value, file));
    const wrong = strangers.length > 0 && !isBucketName(bucket.value);
    problem.replaceChildren(...wrong ? [errorBox({ message: "a bucket's name is 1 to 63 of a-z, 0-9, - and _" })] : []);
    return wrong ? bucket.focus() : strangers.forEach(file => addUpload(bucket.value, file));
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

/** What a line says, made of the job alone. */
const lineText = job => {
  const { record, trouble: hitch } = job;
  const rate = rateOf(job.samples);
  const sent = sentBytes(job);
  const chunks = record.total > 1 ? ` · ${job.done.size} of ${record.total} chunks` : "";
  const amount = `${formatBytes(sent)} of ${formatBytes(record.size)}${chunks}`;
  const held = hitch && `${hitch.code === "network" ? "No connection" : hitch.message}: trying again`;
  return {
    waiting: "Waiting for its turn",
    running: held ? `${amount} · ${held}`
      : rate ? `${amount} · ${formatBytes(rate)}/s · ${formatDuration((record.size - sent) / rate)} left` : amount,
    checking: `${amount} · ${held ?? "comparing what has arrived with the file"}`,
    merging: held ? `All has arrived · ${held}` : "All has arrived; the server joins the chunks",
    cancelling: "Deleting what has arrived",
    elsewhere: `${amount} · running in another tab`,
    paused: `${amount} · paused`,
    "needs-file": `${amount} · pick the file again to go on`,
    failed: amount,
    done: formatBytes(record.size),
  }[job.state];
};

const checkText = job =>
  ["needs-file", "cancelling", "elsewhere"].includes(job.state) ? ""
  : job.remark ? job.remark
  : !canDigest() ? "Digests not checked: this page was not loaded over HTTPS"
  : job.state === "done" ? "Digests checked" : "Digests are checked";

const uploadLine = job => {
  const { record } = job;
  const bar = h("progress", { max: Math.max(record.size, 1), "aria-label": `Progress of ${record.name}` });
  const text = h("p", { class: "line" });
  const check = h("p", { class: "hint" });
  const trouble = h("div");
  const picker = h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": `The file ${record.name} again`, onchange: () => {
    const [file] = picker.files;
    picker.value = "";
    const difference = file && differenceOf(record, file);
    difference ? change(job, { error: { code: "another_file", message: `this is not the file that the upload began with: ${difference}` } }) : file && resume(job, file);
  } });
  const controls = {
    pause: button("Pause", () => pauseUpload(job), { class: "small" }),
    resume: button("Resume", () => resume(job), { class: "small primary" }),
    pick: button("Pick the file again", () => picker.click(), { class: "small primary" }),
    open: h("a", { class: "button small" }, "Open"),
    cancel: button("Cancel", () => cancelAsked(job), { class: "small quiet" }),
  };
  Object.entries(controls).forEach(([, control]) => control.setAttribute("aria-label", `${control.textContent} ${record.name}`));
  const shown = { waiting: ["pause", "cancel"], running: ["pause", "cancel"], checking: ["pause", "cancel"], merging: ["pause"], cancelling: [], elsewhere: [],
    paused: ["resume", "cancel"], "needs-file": ["pick", "cancel"], failed: ["resume", "cancel"], done: ["open"] };
  let shownError = null;
  const draw = () => keepFocus(node, () => {
    node.dataset.state = job.state;
    bar.value = job.state === "done" || record.size === 0 ? bar.max : sentBytes(job);
    bar.hidden = job.state === "done";
    text.textContent = lineText(job);
    check.textContent = checkText(job);
    Object.entries(controls).forEach(([key, control]) => { control.hidden = !shown[job.state].includes(key); });
    controls.open.href = blobRoute(record.bucket, record.blobId ?? "");
    if (shownError !== job.error) {
      shownError = job.error;
      trouble.replaceChildren(...job.error ? [errorBox(job.error)] : []);
    }
  }, () => Object.values(controls).find(control => !control.hidden));
  const node = h("li", { class: "card upload" },
    h("div", { class: "row" },
      h("div", {}, h("p", { class: "title" }, bdi(record.name)), h("p", { class: "hint" }, "to ", bdi(record.bucket))),
      h("div", { class: "buttons" }, Object.values(controls), picker)),
    bar, text, check, trouble);
  return { node, draw };
};

const cancelAsked = async job => {
  if (await ask("Cancel the upload?", ["What has arrived of ", bdi(job.record.name), " is deleted."], "Cancel the upload")) {
    await cancelUpload(job);
  }
};
