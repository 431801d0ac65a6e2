#!/usr/bin/env bash
# Holds the metrics against Prometheus' own tools: promtool's rules for names and texts, a real Prometheus that fetches them under the
# API key, and every expression of the dashboard asked of it. Ends with "N passed, N failed[, N skipped]".
# Of the libraries' own metrics some are named against promtool's rules (process_thread_count and the like), so the rules are asked of
# ours only: borderless_* and http_server_*. That all of the page can be read is asked of the whole.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
if ! need promtool prometheus || ! need prometheus prometheus; then
  echo "prometheus is missing and could not be installed (Debian: apt-get install prometheus)" >&2
  skipped=6
  finish
  exit
fi

home=$(mktemp -d "${TMPDIR:-/tmp}/borderless-metrics-XXXXXX")
key=the-api-key-of-this-script
server="" prometheus=""
stop() {
  for process in $prometheus $server; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null; done
  rm -rf "$home"
}
trap stop EXIT

until_true() { # seconds, command...
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

dotnet build src/Web --nologo --verbosity quiet -clp:NoSummary >&2 || exit 1
port=$(free_port)
mkdir "$home/data"
# In its own shell, so that the process has the number that $! says.
(exec src/Web/bin/Debug/net10.0/borderless-web --ip-addr="127.0.0.1:$port" --data-dir="$home/data" --domain=http://store.test \
  --presign-api-key="$key" --presign-hmac-secret=the-secret-of-this-script --metrics-addr="unix:$home/metrics.sock" > "$home/log" 2>&1) &
server=$!
origin="http://127.0.0.1:$port"
stage "the server serves" until_true 60 curl -sf "$origin/healthz"

# One of each: an upload as a file and one in the index, a download, a refused URL, a chunk that waits, a route that is none.
mint() { # json
  curl -sf "$origin/presign" -H "authorization: Bearer $key" -H 'content-type: application/json' -d "$1" | sed -nE 's#.*"url":"http://store.test([^"]*)".*#\1#p'
}
traffic() {
  local url blob
  head -c 100000 /dev/urandom > "$home/bytes"
  url=$(mint '{"action":"upload"}') && curl -sf -X POST --data-binary "@$home/bytes" "$origin$url" || return 1
  blob=$(sed -E 's#/upload/([^?]*).*#\1#' <<< "$url")
  curl -sf -o /dev/null "$origin$(mint "{\"action\":\"download\",\"blob_id\":\"$blob\"}")" || return 1
  curl -sf -X POST --data-binary small "$origin$(mint '{"action":"upload"}')" || return 1
  curl -sf -X POST --data-binary chunk -H 'x-upload-type: chunked' -H 'x-chunk-index: 1' -H 'x-chunk-total: 2' "$origin$(mint '{"action":"upload"}')" || return 1
  curl -s -o /dev/null "$origin/files/$blob?expires=1&sig=x"
  curl -s -o /dev/null "$origin/nothing"
}
stage "some of everything" traffic

page() { curl -sf --unix-socket "$home/metrics.sock" http://localhost/metrics; }
is_readable() { # promtool ends with 3 where it reads all and likes not all of it
  page | promtool check metrics
  [ "${PIPESTATUS[1]}" -ne 1 ]
}
ours_are_clean() { page | grep -E '^(# [A-Z]+ )?(borderless_|http_server_)' | promtool check metrics; }
stage "the page can be read" is_readable
stage "our metrics are clean" ours_are_clean

cat > "$home/prometheus.yml" <<YAML
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: borderless
    authorization:
      credentials: $key
    static_configs:
      - targets: ["127.0.0.1:$port"]
YAML
looks=$(free_port)
prometheus --config.file="$home/prometheus.yml" --storage.tsdb.path="$home/tsdb" --web.listen-address="127.0.0.1:$looks" > "$home/prometheus.log" 2>&1 &
prometheus=$!

# The dashboard's expressions, with what Grafana puts in the place of its variables.
sed -nE 's/^ *"expr": "(.*)",$/\1/p' examples/grafana-dashboard.json | sed -e 's/\\"/"/g' -e 's/\$__rate_interval/30s/g' -e 's/"\$job"/".*"/g' -e 's/"\$instance"/".*"/g' > "$home/expressions"
as_rules() {
  local n=0 expression
  printf 'groups:\n- name: dashboard\n  rules:\n' > "$home/rules.yml"
  while IFS= read -r expression; do
    n=$((n + 1))
    printf "  - record: dashboard:panel_%d\n    expr: |-\n      %s\n" "$n" "$expression" >> "$home/rules.yml"
  done < "$home/expressions"
  [ "$n" -gt 50 ] && promtool check rules "$home/rules.yml"
}
stage "the dashboard is PromQL" as_rules

# True when Prometheus understood the expression and has an answer.
ask() {
  curl -sG "http://127.0.0.1:$looks/api/v1/query" --data-urlencode "query=$1" | tee "$home/answer" | grep -q '^{"status":"success".*"value":'
}
# Exceptions are counted from the first on, and there may have been none.
answers() {
  local wrong=0 expression
  until_true 60 ask 'min_over_time(up[1m]) == 1 and count_over_time(borderless_ready[1m]) >= 3' || { cat "$home/prometheus.log"; return 1; }
  while IFS= read -r expression; do
    ask "$expression" || [[ "$expression" == *dotnet_exceptions_total* && "$(cat "$home/answer")" == *success* ]] ||
      { echo "$expression: $(cat "$home/answer")"; wrong=1; }
  done < "$home/expressions"
  return "$wrong"
}
stage "Prometheus answers all of it" answers
finish
