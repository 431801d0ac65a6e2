#!/usr/bin/env bash
# Runs the server on http://127.0.0.1:3000, or where IP_ADDR or --ip-addr says (an address or unix:/path), with settings for development, or another
# command of it (run_dev.sh fsck, run_dev.sh --help). Builds it where something was changed since it was built. Data goes to db/ beside this file, or
# to DATA_DIR; relative names are the caller's.
set -euo pipefail
CALLER="$PWD"
cd "$(dirname "$0")"
HERE="$PWD"

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
  cat >&2 <<'END'
The .NET 10 SDK is missing. Get it in one of these ways:
  Debian, Ubuntu:  sudo apt-get install dotnet-sdk-10.0   (Microsoft's feed: https://learn.microsoft.com/dotnet/core/install/linux)
  Fedora:          sudo dnf install dotnet-sdk-10.0
  macOS, Windows:  https://dotnet.microsoft.com/download/dotnet/10.0 (the server itself runs on Linux)
END
  exit 1
fi

# Of the arguments it reads those that the origin depends on.
flag=
for word in "$@"; do
  case "$flag$word" in
    --ip-addr=*) IP_ADDR="${word#--ip-addr=}" ;;
    --tls-cert=*) TLS_CERT="${word#--tls-cert=}" ;;
  esac
  case "$word" in --ip-addr | --tls-cert) flag="$word=" ;; *) flag= ;; esac
done

export IP_ADDR="${IP_ADDR:-127.0.0.1:3000}"
export DATA_DIR="${DATA_DIR:-$HERE/db}"
case "$DATA_DIR" in /*) ;; *) DATA_DIR="$CALLER/$DATA_DIR" ;; esac
mkdir -p "$DATA_DIR"

# The origin of minted URLs is where the server listens, by a name that a browser reaches it under.
scheme="http${TLS_CERT:+s}"
case "$IP_ADDR" in
  127.0.0.1:* | 0.0.0.0:* | '[::1]:'* | '[::]:'* | localhost:*) export DOMAIN="${DOMAIN:-$scheme://localhost:${IP_ADDR##*:}}" ;;
  unix:*) export DOMAIN="${DOMAIN:-$scheme://localhost}" ;;
  *) export DOMAIN="${DOMAIN:-$scheme://$IP_ADDR}" ;;
esac
EXAMPLE_KEY=secret-api-key
export PRESIGN_API_KEY="${PRESIGN_API_KEY:-$EXAMPLE_KEY}"
export PRESIGN_HMAC_SECRET="${PRESIGN_HMAC_SECRET:-super-secret-hmac-secret}"

PROGRAM=src/Web/bin/Release/net10.0/borderless-web.dll
BUILT=src/Web/obj/run_dev.built

# Whether nothing was changed, added, moved or removed since the last build began; what cannot be told is built.
is_fresh() {
  local changed
  [ -f "$PROGRAM" ] && [ -f "$BUILT" ] &&
    changed="$(find src Directory.Build.props Directory.Packages.props global.json .editorconfig \
      \( -name bin -o -name obj \) -prune -o -cnewer "$BUILT" -print 2>&1)" &&
    [ -z "$changed" ]
}

if ! is_fresh; then
  echo "building; the first time takes about a minute" >&2
  mkdir -p src/Core/{bin,obj} src/Web/{bin,obj}
  rm -f "$BUILT"
  touch "$BUILT.new"
  dotnet build src/Web --configuration Release --nologo --verbosity quiet -clp:NoSummary >&2
  mv "$BUILT.new" "$BUILT"
fi

# With arguments it may be another command, or have another key; and a key that is not the example's is no business of a terminal.
if [ $# -eq 0 ]; then
  echo "Stop the server with Ctrl-C; what it stores stays in $DATA_DIR." >&2
  [ "$PRESIGN_API_KEY" = "$EXAMPLE_KEY" ] && key="$EXAMPLE_KEY" || key="the one in PRESIGN_API_KEY"
  case "${CONSOLE:-true} $IP_ADDR" in
    [fF]* | 0* | *unix:*) ;;
    *:[0-9]*) echo "The console, a page to use the store with, will be at $DOMAIN/console; its API key: $key" >&2 ;;
  esac
fi

cd "$CALLER"
exec dotnet "$HERE/$PROGRAM" "$@"
