// The dashboard: what is stored from /admin/stats, and what happens from /metrics.

const dashboardView = signal => ({
  title: "Dashboard",
  node: [
    h("h1", { tabindex: "-1" }, "Dashboard"),
    liveNumbers(signal),
    later(admin("GET", "/stats", signal), ({ stats }) => storedParts(stats)),
  ],
});

const tile = (label, value, hint) => h("div", { class: "tile" }, h("dt", {}, label), h("dd", {}, value), hint && h("dd", { class: "hint" }, hint));

const storedParts = stats => [
  h("section", { class: "card", "aria-labelledby": "stored" },
    h("h2", { id: "stored" }, "What is stored"),
    h("dl", { class: "tiles" },
      tile("Blobs", formatCount(stats.total_objects)),
      tile("Bytes of blobs", formatBytes(stats.total_logical_size)),
      tile("Bytes on the disk", formatBytes(stats.actual_storage_size), "equal parts are stored once"),
      tile("Waiting chunks", formatCount(stats.pending_chunks), formatBytes(stats.pending_size)))),
  h("section", { class: "card", "aria-labelledby": "saving" }, h("h2", { id: "saving" }, "Saved by storing equal bytes once"), savingPicture(stats)),
  h("section", { class: "card", "aria-labelledby": "by-bucket" }, h("h2", { id: "by-bucket" }, "By bucket"),
    stats.buckets.length === 0
      ? note("There is no bucket yet.")
      : table("Blobs and bytes by bucket", [
        { label: "Bucket", cell: bucket => h("a", { href: bucketRoute(bucket.name) }, bdi(bucket.name)) },
        { label: "Blobs", number: true, cell: bucket => formatCount(bucket.object_count) },
        { label: "Bytes", number: true, cell: bucket => formatBytes(bucket.logical_size) },
        { label: "Share of the bytes", cell: bucket => shareBar(bucket.logical_size, stats.total_logical_size) },
      ], stats.buckets.toSorted((one, other) => other.logical_size - one.logical_size))),
];

/** A bar whose length is a share, with the share beside it as text. */
const shareBar = (part, whole) => {
  const share = whole === 0 ? 0 : part / whole;
  return h("span", { class: "share" },
    svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", class: "bar" },
      svg("rect", { class: "track", width: 100, height: 8, rx: 1 }), svg("rect", { class: "fill", width: share * 100, height: 8, rx: 1 })),
    share > 0 && share < 0.001 ? "< 0.1 %" : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`);
};

/** Two bars: what the blobs are together, and what of that is on the disk. What is left between them is saved. */
const savingPicture = stats => {
  if (stats.total_logical_size === 0) {
    return note("Nothing is stored yet.");
  }

  const [title, desc] = [newId(), newId()];
  const stored = Math.max(0, Math.min(1, stats.actual_storage_size / stats.total_logical_size)) * 600;
  return h("figure", {},
    svg("svg", { viewBox: "0 0 600 76", preserveAspectRatio: "none", role: "img", "aria-labelledby": `${title} ${desc}`, class: "saving" },
      svg("title", { id: title }, `${stats.deduplication_percentage} saved`),
      svg("desc", { id: desc }, `The blobs have ${formatBytes(stats.total_logical_size)} together, and take ${formatBytes(stats.actual_storage_size)} on the disk.`),
      svg("rect", { class: "logical", width: 600, height: 32, rx: 4 }),
      svg("rect", { class: "gap", x: 0, y: 44, width: 600, height: 32, rx: 4 }),
      svg("rect", { class: "fill", y: 44, width: stored, height: 32, rx: 4 })),
    h("figcaption", {},
      h("span", {}, h("i", { class: "key logical" }), `${formatBytes(stats.total_logical_size)} of blobs`),
      h("span", {}, h("i", { class: "key fill" }), `${formatBytes(stats.actual_storage_size)} on the disk`),
      h("span", {}, h("i", { class: "key gap" }), `${formatBytes(stats.space_saved)} saved, ${stats.deduplication_percentage}`)));
};

const EVERY = 5000;
const KEPT_RATES = 60;

/** Readings every few seconds while the page is looked at. */
const liveNumbers = signal => {
  const tiles = h("dl", { class: "tiles" });
  const section = h("section", { class: "card", "aria-labelledby": "now" }, h("h2", { id: "now" }, "Now"), tiles);
  const rates = [];
  let before = null;
  const look = async () => {
    if (document.hidden) {
      return;
    }

    try {
      const reading = readingOf(parseMetrics(await (await withKey("GET", "/metrics", { signal })).text()), Date.now());
      const rate = requestRate(before, reading);
      before = reading;
      if (rate !== null) {
        rates.push(rate);
        rates.splice(0, rates.length - KEPT_RATES);
      }

      tiles.replaceChildren(...liveTiles(reading, rates));
    } catch (error) {
      error.name === "AbortError" || tiles.replaceChildren(...unavailableTiles(error));
    }
  };
  look();
  const timer = setInterval(look, EVERY);
  signal.addEventListener("abort", () => clearInterval(timer));
  return section;
};

const notAvailable = error => `not available: ${isServers(error) ? error.code : error.message}`;

const unavailableTiles = error => [
  tile("Disk left", "–", notAvailable(error)),
  tile("Requests a second", "–", notAvailable(error)),
];

const liveTiles = (reading, rates) => [
  tile("Disk left", reading.diskFree === null ? "–" : formatBytes(reading.diskFree), reading.diskFree === null && "not among the metrics"),
  tile("Requests a second", reading.requests === null ? "–" : rates.length === 0 ? "…" : rates.at(-1).toFixed(1),
    reading.requests === null ? "not among the metrics" : rates.length === 0 ? "known after the next look" : rates.length > 1 && sparkline(rates)),
  tile("Requests since the start", reading.requests === null ? "–" : formatCount(reading.requests),
    reading.failed ? `${plural(reading.failed, "failure")} of the server` : "none failed in the server"),
];

const sparkline = rates => {
  const most = Math.max(...rates, 1);
  return svg("svg", {
    viewBox: "0 0 120 24", preserveAspectRatio: "none", class: "spark", role: "img", "aria-label": `The last ${plural(rates.length, "reading")}, up to ${most.toFixed(1)} a second`,
  },
    svg("polyline", { points: rates.map((rate, at) => `${at * 120 / (rates.length - 1)},${22 - rate / most * 20}`).join(" ") }));
};
