#!/usr/bin/env bash
# Lints /openapi.json of a running server with Redocly's recommended rules, whose warnings count as errors. Ends with
# "N passed, N failed[, N skipped]".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
LINTER="@redocly/cli@2.77.0"
WORK="$(mktemp -d)"
server=""
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npm_config_cache="$WORK/npm" npm_config_update_notifier=false

cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2> /dev/null
    wait "$server" 2> /dev/null
  fi
  rm -rf "$WORK"
}
trap cleanup EXIT

fetch() {
  local port
  port="$(free_port)"
  mkdir "$WORK/data"
  dotnet build src/Web --configuration Release --nologo --verbosity quiet -clp:NoSummary || return 1
  dotnet src/Web/bin/Release/net10.0/borderless-web.dll --ip-addr="127.0.0.1:$port" --data-dir="$WORK/data" \
    --domain=https://blobs.borderless.test --presign-api-key=a-key-for-this-run --presign-hmac-secret=a-secret-for-this-run > "$WORK/server.log" 2>&1 &
  server=$!
  until curl -sf "http://127.0.0.1:$port/healthz" > /dev/null; do
    kill -0 "$server" 2> /dev/null || { cat "$WORK/server.log"; return 1; }
    sleep 0.2
  done
  curl -sf "http://127.0.0.1:$port/openapi.json" -o "$WORK/openapi.json"
}

lint() { # file
  (cd "$WORK" && npx --yes "$LINTER" lint --extends recommended "$1") > "$WORK/lint" 2>&1
  local status=$?
  cat "$WORK/lint"
  [ "$status" -eq 0 ] && ! grep -q 'Warning was generated' "$WORK/lint"
}

# An operation without its id is found.
finds_a_fault() {
  sed 's/"operationId": "getStats",//' "$WORK/openapi.json" > "$WORK/faulty.json"
  ! cmp -s "$WORK/openapi.json" "$WORK/faulty.json" && ! lint faulty.json
}

need_dotnet
stage "the document is served" fetch
if need npx npm && (cd "$WORK" && npx --yes "$LINTER" --version) > /dev/null 2>&1; then
  stage "the linter has nothing to say" lint openapi.json
  stage "and would have" finds_a_fault
else
  skipped=$((skipped + 2))
  echo "npx is missing, or the linter could not be downloaded (Debian: apt-get install npm)"
fi
finish
