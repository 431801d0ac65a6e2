#!/usr/bin/env bash
# Starts the published build in a root that holds a C library and nothing else: no .NET, no shell, no HOME, a read-only root and /tmp.
# The user, the paths, the environment and the commands are those of the Dockerfile. Stores and fetches a file. Needs root.
# usage: scripts/chroot.sh [folder of a build for linux-x64]   (default: publishes one)
# Ends with "N passed, N failed", or with all skipped where it cannot run.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
CHECKS=14

if [ "$(id -u)" != 0 ] || [ "$(uname -m)" != x86_64 ] || ! command -v apt-get dpkg-deb > /dev/null || ! need ip iproute2; then
  echo "needs root, x86-64, Debian's packages and ip" >&2
  skipped=$CHECKS
  finish
  exit
fi

# The libraries that the program and SQLite name, and OpenSSL, which .NET hashes and signs with. No package more.
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
  chown "$USER_ID" "$ROOT/run/secrets/"* "$ROOT$DATA"
  chmod 400 "$ROOT/run/secrets/"*
  for file in null urandom; do touch "$ROOT/dev/$file" && mount --bind "/dev/$file" "$ROOT/dev/$file" || return 1; done
  mount --rbind "$ROOT" "$ROOT" && mount -o remount,ro,bind "$ROOT" && mount -t tmpfs -o ro,size=4k none "$ROOT/tmp" &&
    mount --bind "$WORK/data" "$ROOT$DATA"
}
own_data() { mkdir -m 700 "$WORK/data" && chown "$USER_ID" "$WORK/data"; }
is_bare() { ! find "$ROOT" \( -name '*dotnet*' -o -name '*hostfxr*' -o -name 'sh' -o -name 'libicu*' -o -name 'libz.*' \) | grep .; }

inside() { env -i "${ENVIRONMENT[@]}" "$CHROOT" --userspec="$USER_ID:$USER_ID" "$ROOT" "$@"; }
starts() {
  local since=$EPOCHREALTIME
  env -i "${ENVIRONMENT[@]}" "$CHROOT" --userspec="$USER_ID:$USER_ID" "$ROOT" "${ENTRY[@]}" > "$WORK/log" 2>&1 &
  server=$!
  until curl -sf -o /dev/null "$ORIGIN/readyz"; do
    kill -0 "$server" 2> /dev/null || { cat "$WORK/log"; return 1; }
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
  curl -sf -X POST "$ORIGIN/presign" -H 'authorization: Bearer presign_api_key-of-the-chroot' -H 'content-type: application/json' -d "$1"
}
stores() {
  local minted
  head -c 5000000 /dev/urandom > "$WORK/file"
  minted="$(presigned '{"action":"upload"}')" || return 1
  BLOB="$(field blob_id <<< "$minted")"
  curl -sf -X POST --data-binary "@$WORK/file" "$(field url <<< "$minted")"
}
fetches() { curl -sf -o "$WORK/back" "$(presigned "{\"action\":\"download\",\"blob_id\":\"$BLOB\"}" | field url)" && cmp "$WORK/file" "$WORK/back"; }
stops() {
  kill -TERM "$server"
  wait "$server"
  local code=$?
  server=""
  [ "$code" = 0 ] || { cat "$WORK/log"; return 1; }
}

FOLDER="${1:-$WORK/published/linux-x64}"
if [ $# -eq 0 ]; then
  stage "it publishes"               scripts/publish.sh linux-x64 --out "$WORK/published"
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
stage "nothing was unpacked"         unpacks_nothing
stage "SIGTERM: it ends with 0"      stops
stage "then it is not healthy"       is_unhealthy
stage "it starts again, file there"  eval 'starts && fetches'
echo "ready after ${READY:-?} ms; $(du -k "$ROOT$APP"/* | awk '{ print $2 " " $1 " KiB" }' | sed 's#.*/##' | paste -sd, | sed 's/,/, /')"
finish
