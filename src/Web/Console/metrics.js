// Pure functions over /metrics, which is Prometheus text. The names that the page looks for stand here, and nowhere else.

const METRIC = {
  requests: "http_server_request_duration_seconds_count",
  status: "http_response_status_code",
  route: "http_route",
  diskFree: "borderless_disk_free_bytes",
};

/** The samples of a text: [{ name, labels, value }]. Lines that are none are passed over. */
const parseMetrics = text => text.split("\n").flatMap(line => {
  const read = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([+-]?(?:Inf|NaN|[\d.eE+-]+))/.exec(line);
  return read ? [{ name: read[1], labels: parseLabels(read[2] ?? ""), value: Number(read[3].replace("Inf", "Infinity")) }] : [];
});

const parseLabels = text => Object.fromEntries(
  [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c)]));

/** The sum of a metric over the labels that fit; null where there is none. */
const sumOf = (samples, name, fits = () => true) => {
  const found = samples.filter(sample => sample.name === name);
  return found.length === 0 ? null : found.filter(sample => fits(sample.labels)).reduce((sum, sample) => sum + sample.value, 0);
};

/** The page's own looks at the metrics are no work of the store. */
const isOthers = labels => labels[METRIC.route] !== "/metrics";

/** What the dashboard shows of one answer. */
const readingOf = (samples, at) => ({
  at,
  requests: sumOf(samples, METRIC.requests, isOthers),
  failed: sumOf(samples, METRIC.requests, labels => isOthers(labels) && labels[METRIC.status]?.startsWith("5")),
  diskFree: sumOf(samples, METRIC.diskFree),
});

/** Requests a second between two readings; null where it cannot be told, as after a restart. */
const requestRate = (before, after) =>
  before?.requests == null || after.requests == null || after.requests < before.requests || after.at <= before.at
    ? null
    : (after.requests - before.requests) * 1000 / (after.at - before.at);
