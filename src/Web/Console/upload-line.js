// An upload's line: what it says, and what can be done with it.

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
    refused: "Refused; nothing of it was sent",
    done: formatBytes(record.size),
  }[job.state];
};

const checkText = job =>
  ["needs-file", "cancelling", "elsewhere", "refused"].includes(job.state) ? ""
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
    remove: button("Remove", () => remove(job), { class: "small" }),
  };
  Object.entries(controls).forEach(([, control]) => control.setAttribute("aria-label", `${control.textContent} ${record.name}`));
  const shown = { waiting: ["pause", "cancel"], running: ["pause", "cancel"], checking: ["pause", "cancel"], merging: ["pause"], cancelling: [], elsewhere: [],
    paused: ["resume", "cancel"], "needs-file": ["pick", "cancel"], failed: ["resume", "cancel"], refused: ["remove"], done: ["open"] };
  let shownError = null;
  const draw = () => keepFocus(node, () => {
    node.dataset.state = job.state;
    bar.value = job.state === "done" || record.size === 0 ? bar.max : sentBytes(job);
    bar.hidden = ["done", "refused"].includes(job.state);
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
