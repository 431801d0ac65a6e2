#!/usr/bin/env bash
# Builds and runs the server on http://127.0.0.1:3000, or where IP_ADDR says (an address or unix:/path), with settings for development. Data goes to db/.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
  cat >&2 <<'EOF'
The .NET 10 SDK is missing. Get it in one of these ways:
  Debian, Ubuntu:  sudo apt-get install dotnet-sdk-10.0   (Microsoft's feed: https://learn.microsoft.com/dotnet/core/install/linux)
  Fedora:          sudo dnf install dotnet-sdk-10.0
  macOS, Windows:  https://dotnet.microsoft.com/download/dotnet/10.0 (the server itself runs on Linux)
EOF
  exit 1
fi

mkdir -p "${DATA_DIR:-db}"
export IP_ADDR="${IP_ADDR:-127.0.0.1:3000}"
export DATA_DIR="${DATA_DIR:-$PWD/db}"

# The origin of minted URLs is where the server listens, by a name that a browser reaches it under.
case "$IP_ADDR" in
  127.0.0.1:* | 0.0.0.0:* | '[::1]:'* | '[::]:'* | localhost:*) export DOMAIN="${DOMAIN:-http://localhost:${IP_ADDR##*:}}" ;;
  unix:*) export DOMAIN="${DOMAIN:-http://localhost}" ;;
  *) export DOMAIN="${DOMAIN:-http://$IP_ADDR}" ;;
esac
export PRESIGN_API_KEY="${PRESIGN_API_KEY:-secret-api-key}"
export PRESIGN_HMAC_SECRET="${PRESIGN_HMAC_SECRET:-super-secret-hmac-secret}"

echo "building; the first time takes about a minute. Stop the server with Ctrl-C; what it stores stays in ${DATA_DIR}." >&2
dotnet build src/Web --configuration Release --nologo --verbosity quiet -clp:NoSummary >&2
exec dotnet src/Web/bin/Release/net10.0/borderless-web.dll "$@"
