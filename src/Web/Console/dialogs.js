// Dialogs, and copying. A native <dialog> keeps the focus inside, and gives it back when it closes.

const openDialog = (title, ...children) => {
  const id = newId();
  const dialog = h("dialog", { "aria-labelledby": id, onclose: () => dialog.remove() }, h("h2", { id }, title), ...children,
    h("p", { role: "status", class: "unseen" }));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
};

/** Asks before something that cannot be undone. The answer that does no harm has the focus. */
const ask = (title, text, action) => new Promise(resolve => {
  const dialog = openDialog(title, h("p", {}, text), h("div", { class: "buttons" },
    button("Keep", () => dialog.close(), { class: "quiet", autofocus: true }),
    button(action, () => dialog.close("yes"), { class: "danger" })));
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
});

/** The clipboard belongs to secure contexts; elsewhere the text is selected, for the keyboard to copy. */
const copy = async (text, control) => {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied");
    return true;
  } catch {
    control?.select?.();
    announce("Selected: copy it with the keyboard");
    return false;
  }
};

const copyButton = (text, what) => {
  const made = button("Copy", async () => {
    made.textContent = await copy(text) ? "Copied" : "Not possible here";
    setTimeout(() => { made.textContent = "Copy"; }, 2000);
  }, { class: "small quiet", "aria-label": `Copy ${what}` });
  return made;
};
