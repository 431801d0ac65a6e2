#!/usr/bin/env bash
# Starts the published build in a root that holds a C library and nothing else: no .NET, no shell, no HOME, a read-only root and /tmp.
# The user, the paths, the environment and the commands are those of the Dockerfile. Stores and fetches a file, also by TLS, and reads
# what a single file might lack: the OpenAPI document, the metrics, the console. Needs root.
# usage: scripts/chroot.sh [folder of a build for linux-x64]   (default: publishes one)
# Ends with "N passed, N failed", or with all skipped where it cannot run.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
CHECKS=17

if [ "$(id -u)" != 0 ] || [ "$(uname -m)" != x86_64 ] || ! command -v apt-get dpkg-deb > /dev/null || ! need ip iproute2 ||
  ! need openssl openssl; then
  echo "needs root, x86-64, Debian's packages, ip and openssl" >&2
  skipped=$CHECKS
  finish
  exit
fi

# The libraries that the program and SQLite name, and OpenSSL, which .NET hashes, signs and speaks TLS with. No package more.
PACKAGES="libc6 libgcc-s1 libstdc++6 libssl3"
if [ "${1:-}" != --inside ]; then
  WORK="$(mktemp -d)"
  mkdir "$WORK/packages"
  (cd "$WORK/packages" && apt-get download -qq $PACKAGES) > "$WORK/said" 2>&1 || cat "$WORK/said" >&2

  # In namespaces of its own: no mount is left behind, and the port of the image is free.
  unshare --mount --net "$0" --inside "$WORK" "$@"
  code=$?
  rm -rf --one-file-system "$WORK"
  exit "$code"
fi
WORK="$2"
shift 2
ip link set lo up
ROOT="$WORK/root"
CHROOT="$(command -v chroot)"
KEY="authorization: Bearer presign_api_key-of-the-chroot"
BLOB=""
server=""

cleanup() {
  [ -z "$server" ] || { kill -KILL "$server"; wait "$server"; } 2> /dev/null
  umount -R -l "$ROOT" 2> /dev/null
}
trap cleanup EXIT

# What the image is, as its last stage says; words of a list in JSON, one a line.
stage_of_image() { sed -e ':a' -e '/\\$/N; s/ *\\\n */ /; ta' Dockerfile | awk '/^FROM/ { text = "" } { text = text $0 "\n" } END { printf "%s", text }'; }
said() { stage_of_image | sed -nE "s/^$1 +//p"; }
words() { grep -oE '"[^"]*"' <<< "$1" | tr -d '"'; }
USER_ID="$(said USER)"
DATA="$(said VOLUME)"
PORT="$(said EXPOSE)"
read -ra ENVIRONMENT <<< "$(said ENV)"
mapfile -t ENTRY < <(words "$(said ENTRYPOINT)")
mapfile -t HEALTH < <(words "$(said HEALTHCHECK | sed 's/.*CMD//')")
APP="$(stage_of_image | sed -nE 's#^COPY --from=build /out/app/.* (/.*)/$#\1#p')"
ORIGIN="http://127.0.0.1:$PORT"

# Not what a file of the shell may set, but what the image and examples/compose.yaml do.
SECRETS="$(sed -nE 's#^ +(PRESIGN_[A-Z_]+_FILE): (/.*)$#\1=\2#p' examples/compose.yaml)"
ENVIRONMENT+=("DOMAIN=$ORIGIN" $SECRETS)

image_is_known() {
  printf '%s\n' "user $USER_ID, data $DATA, port $PORT, app $APP" "${ENTRY[*]}" "${HEALTH[*]}" "${ENVIRONMENT[*]}"
  [[ "$USER_ID" =~ ^[1-9][0-9]*$ && "$DATA" = /* && "$PORT" =~ ^[0-9]+$ && "$APP" = /* ]] &&
    [ "${ENTRY[*]}" = "$APP/borderless-web" ] && [ "${HEALTH[*]}" = "${ENTRY[*]} health" ] && [ "$(wc -l <<< "$SECRETS")" = 2 ] &&
    grep -qx "IP_ADDR=0.0.0.0:$PORT" <(printf '%s\n' "${ENVIRONMENT[@]}") && grep -qx "DATA_DIR=$DATA" <(printf '%s\n' "${ENVIRONMENT[@]}")
}

makes_root() {
  local file
  mkdir -p "$ROOT$APP" "$ROOT$DATA" "$ROOT/run/secrets" "$ROOT/tmp" "$ROOT/proc" "$ROOT/dev"
  [ "$(ls "$WORK/packages" | wc -l)" = "$(wc -w <<< "$PACKAGES")" ] || return 1
  for file in "$WORK"/packages/*.deb; do dpkg-deb -x "$file" "$ROOT"; done
  rm -rf "$ROOT/usr/share"
  cp "$FOLDER/borderless-web" "$FOLDER/libe_sqlite3.so" "$ROOT$APP/"
  for file in presign_api_key presign_hmac_secret; do echo "$file-of-the-chroot" > "$ROOT/run/secrets/$file"; done
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$ROOT/run/secrets/key.pem" -out "$ROOT/run/secrets/cert.pem" || return 1
  chown "$USER_ID" "$ROOT/run/secrets/"* "$ROOT$DATA"
  chmod 400 "$ROOT/run/secrets/"*
  for file in null urandom; do touch "$ROOT/dev/$file" && mount --bind "/dev/$file" "$ROOT/dev/$file" || return 1; done
  mount --rbind "$ROOT" "$ROOT" && mount -o remount,ro,bind "$ROOT" && mount -t tmpfs -o ro,size=4k none "$ROOT/tmp" &&
    mount --bind "$WORK/data" "$ROOT$DATA"
}
own_data() { mkdir -m 700 "$WORK/data" && chown "$USER_ID" "$WORK/data"; }
is_bare() { ! find "$ROOT" \( -name '*dotnet*' -o -name '*hostfxr*' -o -name 'sh' -o -name 'libicu*' -o -name 'libz.*' \) | grep .; }

ask() { curl -sf --cacert "$ROOT/run/secrets/cert.pem" "$@"; }
inside() { env -i "${ENVIRONMENT[@]}" "$CHROOT" --userspec="$USER_ID:$USER_ID" "$ROOT" "$@"; }
starts() {
  local since=$EPOCHREALTIME end=$((SECONDS + 60))
  env -i "${ENVIRONMENT[@]}" "$CHROOT" --userspec="$USER_ID:$USER_ID" "$ROOT" "${ENTRY[@]}" > "$WORK/log" 2>&1 &
  server=$!
  until ask -o /dev/null "$ORIGIN/readyz"; do
    kill -0 "$server" 2> /dev/null && [ "$SECONDS" -lt "$end" ] || { cat "$WORK/log"; return 1; }
    sleep 0.01
  done
  READY=$(((${EPOCHREALTIME/./} - ${since/./}) / 1000))
}
# Of the processes' own directories alone, as the unit has it (ProcSubset=pid).
has_proc() { mount -t proc -o subset=pid,hidepid=invisible proc "$ROOT/proc"; }
is_healthy() { inside "${HEALTH[@]}"; }
is_unhealthy() { ! inside "${HEALTH[@]}"; }
has_the_user() {
  grep -qE "^Uid:\s+$USER_ID\s+$USER_ID\s+$USER_ID\s" "/proc/$server/status" && ! tr '\0' '\n' < "/proc/$server/environ" | grep -q '^HOME='
}
# Every file that it has in memory or open is of the root, and of /app or a package, or of the data.
unpacks_nothing() {
  ! { awk '$6 ~ "^/" { print $6 }' "/proc/$server/maps"; find "/proc/$server/fd" -printf '%l\n' | grep '^/'; } | sort -u |
    grep -vE "^($ROOT)?($APP/|/usr/lib|/lib|$DATA|/proc|/dev/|/memfd:)|^$WORK/data|^$WORK/log$"
}
field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }
presigned() { # JSON -> the URL
  ask -X POST "$ORIGIN/presign" -H "$KEY" -H 'content-type: application/json' -d "$1"
}
stores() {
  local minted
  head -c 5000000 /dev/urandom > "$WORK/file"
  minted="$(presigned '{"action":"upload"}')" || return 1
  BLOB="$(field blob_id <<< "$minted")"
  ask -X POST --data-binary "@$WORK/file" "$(field url <<< "$minted")"
}
fetches() { ask -o "$WORK/back" "$(presigned "{\"action\":\"download\",\"blob_id\":\"$BLOB\"}" | field url)" && cmp "$WORK/file" "$WORK/back"; }
# What is made by reflection or lies in the program as a resource. The metrics of the process come from the /proc that there is.
describes_itself() {
  ask -o "$WORK/openapi.json" "$ORIGIN/openapi.json" || return 1
  for word in '"openapi": "3.1' '"/presign"' '"/upload/{' '"securitySchemes"'; do grep -qF "$word" "$WORK/openapi.json" || { echo "no $word"; return 1; }; done
}
measures() {
  ask -o "$WORK/metrics" "$ORIGIN/metrics" -H "$KEY" || return 1
  for word in 'borderless_stored_bytes.* 5000000' 'process_memory_usage_bytes.* [1-9]' 'process_uptime_seconds.* [0-9]' \
    'dotnet_thread_pool_thread_count.* [1-9]' 'http_server_request_duration_seconds_count\{.*"/upload/'; do
    grep -qE "^$word" "$WORK/metrics" || { echo "no $word"; return 1; }
  done
}
has_console() { ask -o "$WORK/console" "$ORIGIN/console" && grep -qF '<title>Borderless console</title>' "$WORK/console"; }
by_tls() {
  ORIGIN="https://127.0.0.1:$PORT"
  ENVIRONMENT+=("DOMAIN=$ORIGIN" TLS_CERT=/run/secrets/cert.pem TLS_KEY=/run/secrets/key.pem)
  starts && fetches && is_healthy
}
stops() {
  kill -TERM "$server"
  wait "$server"
  local code=$?
  server=""
  [ "$code" = 0 ] || { cat "$WORK/log"; return 1; }
}

FOLDER="${1:-$WORK/published/linux-x64}"

# What the image is built from: no file more than .dockerignore lets into the context.
publish_from_context() {
  mkdir "$WORK/context"
  sed -n 's/^!//p' .dockerignore | tar -c --exclude=bin --exclude=obj -T - | tar -x -C "$WORK/context" &&
    "$WORK/context/scripts/publish.sh" linux-x64 --out "$WORK/published"
}

if [ $# -eq 0 ]; then
  stage "it publishes"               publish_from_context
else
  stage "it was published"           test -x "$FOLDER/borderless-web" -a -f "$FOLDER/libe_sqlite3.so"
fi
stage "the image is known"           image_is_known
stage "a root of four packages"      eval 'own_data && makes_root'
stage "no .NET, no shell, no ICU"    is_bare
stage "/proc of processes alone"     has_proc
stage "it starts"                    starts
stage "as the image's user, no HOME" has_the_user
stage "it is healthy"                is_healthy
stage "a file goes in"               stores
stage "and comes out"                fetches
stage "the OpenAPI document"         describes_itself
stage "the metrics"                  measures
stage "the console"                  has_console
stage "nothing was unpacked"         unpacks_nothing
stage "SIGTERM: it ends with 0"      stops
stage "then it is not healthy"       is_unhealthy
stage "again by TLS, file there"     by_tls
echo "ready after ${READY:-?} ms by TLS; $(du -k "$ROOT$APP"/* | awk '{ print $2 " " $1 " KiB" }' | sed 's#.*/##' | paste -sd, | sed 's/,/, /')"
finish
