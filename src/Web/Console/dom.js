// Making elements. Text is always text: nothing here, nor anywhere in the page, reads HTML from a string.

const place = (element, props, children) => {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }

  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
};

const h = (tag, props = {}, ...children) => place(document.createElement(tag), props, children);

const svg = (tag, props = {}, ...children) => place(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);

const $ = (selector, within = document) => within.querySelector(selector);

let lastId = 0;
const newId = () => `e${++lastId}`;

const button = (label, onclick, props = {}) => h("button", { type: "button", onclick, ...props }, label);

/** A label, its control, and what is to be said of it. */
const field = (label, control, hint) => {
  const id = newId();
  control.id = id;
  if (hint) {
    control.setAttribute("aria-describedby", `${id}-hint`);
  }

  return h("div", { class: "field" }, h("label", { for: id }, label), control, hint && h("p", { class: "hint", id: `${id}-hint` }, hint));
};

/** Inputs for names and ids. The browser adds the title to its message where a text does not fit the pattern. */
const patternInput = (pattern, title, props) =>
  h("input", { pattern, title, autocomplete: "off", autocapitalize: "none", spellcheck: "false", ...props });

/** Takes upper case too, which whoever reads it lowers. */
const bucketInput = (props = {}) => patternInput("[a-zA-Z0-9_\\-]{1,63}", BUCKET_RULE, { required: true, ...props });

const idInput = () => patternInput("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
  "A blob id has 36 hexadecimal digits and dashes, such as 01996168-e738-7552-9662-2041482b96c3");

/** Names that strangers chose, and ids: a run of text of its own, whatever its direction. */
const bdi = text => h("bdi", {}, text);

const code = text => h("code", {}, text);

/**
 * Says something to those who do not see the page: in the dialog that is open, for the page behind it is silent. It is emptied first,
 * so that the same text is said again.
 */
const announce = text => {
  const region = [...document.querySelectorAll("[role=status]")].at(-1);
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
};

/** Does something to a part of the page. Where the control with the focus goes by it, the focus goes to the next, or to the page's heading. */
const keepFocus = (within, effect, next = () => null) => {
  const held = within.contains(document.activeElement) ? document.activeElement : null;
  effect();
  const moved = ![held, document.body].includes(document.activeElement);
  if (held && !moved && (!held.isConnected || held.closest("[hidden]"))) {
    (next() ?? $("h1")).focus();
  }
};

/** Whether the server told an error. The page's own have no request id, and codes that the page alone knows. */
const isServers = error => error.requestId !== undefined;

/** An error as the server told it, or the page's own in plain words. */
const errorBox = error => h("div", { class: "error", role: "alert" }, isServers(error)
  ? [h("p", {}, h("strong", {}, error.code), ` (${error.status}): ${error.message}`), h("p", { class: "hint" }, "Request id ", code(error.requestId))]
  : h("p", {}, sentence(error.message), error.status > 0 && ` (${error.status})`));

const note = (...children) => h("p", { class: "note" }, ...children);

const empty = (title, ...children) => h("div", { class: "empty" }, h("h2", {}, title), ...children);

/** What a promise comes to takes the place of "Loading"; its failure is shown. */
const later = (promise, render, fail = errorBox) => {
  const box = h("div", { "aria-busy": "true" }, h("p", { class: "hint" }, "Loading…"));
  promise.then(render).catch(error => error.name === "AbortError" ? null : fail(error)).then(made => {
    box.removeAttribute("aria-busy");
    box.replaceChildren(...[made].flat().filter(Boolean));
  });
  return box;
};

/** A table whose rows become cards on a phone. Columns are { label, cell, number? }. Roles are said, for cards would lose them. */
const table = (caption, columns, rows) => h("table", { role: "table", class: "card" },
  h("caption", { class: "unseen" }, caption),
  h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
    columns.map(column => h("th", { role: "columnheader", scope: "col", class: column.number && "number" }, column.label)))),
  h("tbody", { role: "rowgroup" }, rows.map(row => h("tr", { role: "row" },
    columns.map(column => h("td", { role: "cell", "data-label": column.label, class: column.number && "number" }, column.cell(row)))))));

const facts = pairs => h("dl", { class: "facts" },
  pairs.filter(([, value]) => value !== null && value !== undefined).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
