#!/usr/bin/env bash
# A large file up in one piece and in 32 chunks (4 at a time, shuffled), both down again; digests, times, peak memory.
# usage: scripts/large.sh [MiB, 2048 by default]; ends with "N passed, N failed"
set -uo pipefail
cd "$(dirname "$0")/.."
MIB="${1:-2048}"
CHUNKS=32
. scripts/lib.sh
PORT="$(free_port)"
ORIGIN="http://127.0.0.1:$PORT"
export IP_ADDR="127.0.0.1:$PORT" DOMAIN="$ORIGIN" PRESIGN_API_KEY=large PRESIGN_HMAC_SECRET=a-secret-for-large-files
WORK="$(mktemp -d)"
export DATA_DIR="$WORK/data"
server=""
passed=0
failed=0
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; rm -rf "$WORK"' EXIT

same() { # what, expected, actual
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1)) && echo "  ok      $1"
  else
    failed=$((failed + 1)) && echo "  FAILED  $1: expected '$2', got '$3'"
  fi
}

url() { # method, path
  local expires=$(($(date +%s) + 3600))
  echo "$ORIGIN$2?expires=$expires&sig=$(printf '%s|%s|%s' "$1" "$2" "$expires" |
    openssl dgst -sha256 -hmac "$PRESIGN_HMAC_SECRET" -binary | base64 | tr '+/' '-_')"
}

seconds() { date +%s.%N; }
took() { echo "$(seconds) $1 $MIB" | awk '{ printf "%.1f s, %.0f MiB/s", $1 - $2, $3 / ($1 - $2) }'; }
digest_of() { sed -nE 's/.*"sha256_hash":"([0-9a-f]+)".*/\1/p'; }
peak() { awk '/VmHWM/ { printf "%d MiB", $2 / 1024 }' "/proc/$server/status"; }

mkdir -p "$DATA_DIR"
dotnet build src/Web --configuration Release --nologo --verbosity quiet -clp:NoSummary || exit 1
dotnet src/Web/bin/Release/net10.0/borderless-web.dll > "$WORK/log" 2>&1 &
server=$!
until curl -sf "$ORIGIN/healthz" > /dev/null; do kill -0 "$server" || { cat "$WORK/log"; exit 1; }; sleep 0.1; done
echo "a file of $MIB MiB; the server's peak memory after its start: $(peak)"
head -c "$((MIB << 20))" /dev/urandom > "$WORK/file"
expected="$(sha256sum "$WORK/file" | cut -d' ' -f1)"

one="$(cat /proc/sys/kernel/random/uuid)"
start="$(seconds)"
answer="$(curl -s -X POST -T "$WORK/file" -H 'expect:' "$(url POST "/upload/$one")")"
echo "  up in one piece: $(took "$start"), peak $(peak)"
same "digest of the upload in one piece" "$expected" "$(digest_of <<< "$answer")"

many="$(cat /proc/sys/kernel/random/uuid)"
export UP WORK CHUNKS MIB
UP="$(url POST "/upload/$many")"
send() { # index
  dd if="$WORK/file" bs=1M skip="$(((($1 - 1) * MIB) / CHUNKS))" count="$(((($1 * MIB) / CHUNKS) - ((($1 - 1) * MIB) / CHUNKS)))" status=none |
    curl -sf -X POST --data-binary @- -H 'content-type:' -H 'x-upload-type: chunked' -H "x-chunk-index: $1" -H "x-chunk-total: $CHUNKS" "$UP" > /dev/null
}
export -f send
start="$(seconds)"
seq "$CHUNKS" | shuf | xargs -P 4 -I{} bash -c 'send {}'
same "all chunks are taken" 0 "$?"
echo "  up in $CHUNKS chunks: $(took "$start"), peak $(peak)"
start="$(seconds)"
answer="$(curl -s -X POST -H 'x-upload-type: chunked' -H "x-chunk-total: $CHUNKS" -H 'x-chunk-merge: true' "$UP")"
echo "  merge: $(took "$start"), peak $(peak)"
same "digest of the merge" "$expected" "$(digest_of <<< "$answer")"

for id in "$one" "$many"; do
  start="$(seconds)"
  actual="$(curl -s "$(url GET "/files/$id")" | sha256sum | cut -d' ' -f1)"
  echo "  down: $(took "$start"), peak $(peak)"
  same "digest of the download" "$expected" "$actual"
done

mebibytes="$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$server/status")"
same "the peak is under 200 MiB, whatever the size" yes "$([ "$mebibytes" -lt 200 ] && echo yes || echo "$mebibytes MiB")"
kill "$server"
wait "$server"
same "the server ends well" 0 "$?"
server=""
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
