// The dialog that makes a URL with an action, an expiry and rules.

const ACTIONS = {
  download: "Download", upload: "Upload, never overwriting", update: "Upload, replacing what is there", delete: "Delete", status: "Ask for arrived chunks",
};
const STORES = ["upload", "update"];
const UNIT_SECONDS = { minutes: 60, hours: 3600, days: 86400 };

/** Rules as /presign takes them: label, hint, the actions that they fit, and how their text is read. */
const RULES = {
  max_size: { label: "At most", hint: "bytes, or such as 10 MiB", fits: STORES, read: parseSize },
  min_size: { label: "At least", hint: "bytes, or such as 1 KiB", fits: STORES, read: parseSize },
  content_type: { label: "Content type", hint: "a media type, or such as image/*", fits: STORES, read: text => text },
  sha256: { label: "SHA-256", hint: "64 hexadecimal digits: these bytes and no others", fits: STORES, read: text => text },
  chunks: { label: "Chunks", hint: "an index or a range, 3-7: for a worker", fits: STORES, read: text => text },
  client_ip: { label: "Client address", hint: "an address or a CIDR block", fits: Object.keys(ACTIONS), read: text => text },
  not_before: { label: "Not before", hint: "in your time", type: "datetime-local", fits: Object.keys(ACTIONS), read: text => Math.floor(new Date(text) / 1000) },
  response_content_type: { label: "Serve as type", hint: "instead of the stored one", fits: ["download"], read: text => text },
  response_content_disposition: { label: "Serve with disposition", hint: "inline shows it, attachment saves it", fits: ["download"], read: text => text },
};

/** What /presign is asked for; throws where a text cannot be read. */
const wishOf = ({ action, bucket, blobId, amount, unit, once, rules }) => ({
  action,
  bucket,
  ...blobId && { blob_id: blobId },
  expires_in: Math.round(amount * UNIT_SECONDS[unit]),
  ...once && STORES.includes(action) && { once: true },
  ...Object.fromEntries(Object.entries(rules)
    .filter(([rule, text]) => text.trim() !== "" && RULES[rule].fits.includes(action))
    .map(([rule, text]) => [rule, readRule(rule, text.trim())])),
});

const readRule = (rule, text) => {
  const value = RULES[rule].read(text);
  if (value === null || Number.isNaN(value)) {
    throw new ApiError(0, { code: "invalid_rule", message: `${RULES[rule].label}: "${text}" cannot be read` });
  }

  return value;
};

const options = entries => entries.map(([value, label]) => h("option", { value }, label));

const linkDialog = (bucket, blobId) => {
  const actions = Object.entries(ACTIONS).filter(([action]) => blobId || action === "upload");
  const action = h("select", { onchange: () => fit() }, options(actions));
  const amount = h("input", { type: "number", min: "1", step: "any", value: "15", required: true });
  const unit = h("select", { "aria-label": "Unit of the expiry" }, options(Object.keys(UNIT_SECONDS).map(one => [one, one])));
  const once = h("input", { type: "checkbox", id: newId() });
  const onceField = h("p", { class: "check" }, once, h("label", { for: once.id }, "Stores once"));
  const inputs = Object.fromEntries(Object.entries(RULES).map(([rule, { type }]) =>
    [rule, h("input", { type: type ?? "text", autocomplete: "off", spellcheck: "false" })]));
  const fields = Object.entries(RULES).map(([rule, { label, hint }]) => [rule, field(label, inputs[rule], hint)]);
  const result = h("div");
  const fit = () => {
    fields.forEach(([rule, node]) => { node.hidden = !RULES[rule].fits.includes(action.value); });
    onceField.hidden = !STORES.includes(action.value);
    result.replaceChildren();
  };
  const mint = async event => {
    event.preventDefault();
    try {
      const wish = wishOf({
        action: action.value, bucket, blobId, amount: amount.valueAsNumber, unit: unit.value, once: once.checked,
        rules: Object.fromEntries(Object.entries(inputs).map(([rule, input]) => [rule, input.value])),
      });
      result.replaceChildren(...minted(await presign(wish), wish));
      $("textarea", result).focus();
    } catch (error) {
      result.replaceChildren(errorBox(error));
    }
  };
  const dialog = openDialog("Make a URL",
    h("p", { class: "hint" }, blobId ? ["Of the blob ", bdi(blobId), " in "] : "Of a new blob in ", bdi(bucket), ". Whoever has the URL needs no key."),
    h("form", { onsubmit: mint },
      field("It may", action),
      h("div", { class: "pair" }, field("Valid for", amount), unit),
      h("details", {}, h("summary", {}, "Rules"), onceField, h("div", { class: "grid" }, fields.map(([, node]) => node))),
      h("div", { class: "buttons" },
        button("Close", () => dialog.close(), { class: "quiet" }),
        h("button", { type: "submit", class: "primary" }, "Make the URL"))),
    result);
  fit();
};

const minted = ({ url, method, expires_in, blob_id }, wish) => {
  const text = h("textarea", { readonly: true, rows: "4", spellcheck: "false" });
  text.value = url;
  const cut = expires_in < wish.expires_in;
  return [
    field(`URL for ${method}`, text, [
      `Valid until ${formatTime(new Date(Date.now() + expires_in * 1000).toISOString())}`,
      cut && `, for ${formatDuration(expires_in)} are the longest here`, wish.blob_id ? "." : ["; blob ", bdi(blob_id), "."]]),
    h("div", { class: "buttons" }, button("Copy the URL", async event => {
      event.target.textContent = await copy(url, text) ? "Copied" : "Selected: press Ctrl+C";
    }, { class: "primary" })),
  ];
};
