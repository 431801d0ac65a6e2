#!/usr/bin/env bash
# Makes folders that run without .NET: one executable with libe_sqlite3.so beside it, the unit and its settings. What is
# in the executable, src/Web/Properties/PublishProfiles/standalone.pubxml says.
# usage: scripts/publish.sh [linux-x64] [linux-arm64] [--out <directory>]   (default: both, into artifacts/publish/<rid>)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

usage() { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }

rids=()
out=artifacts/publish
while [ $# -gt 0 ]; do
  case "$1" in
    --out) out="${2:-}"; [ -n "$out" ] || usage; shift ;;
    --out=*) out="${1#--out=}" ;;
    linux-x64 | linux-arm64) rids+=("$1") ;;
    *) usage ;;
  esac
  shift
done
[ "${#rids[@]}" -gt 0 ] || rids=(linux-x64 linux-arm64)

need_dotnet
for rid in "${rids[@]}"; do
  folder="$out/$rid"
  rm -rf "$folder"
  # For every project: lines in stack traces without files for them, and no path of the machine that builds.
  dotnet publish src/Web --configuration Release --runtime "$rid" -p:PublishProfile=standalone -p:DebugType=embedded "-p:PathMap=$PWD/=/_/" \
    --output "$folder" --nologo --verbosity quiet
  install -m 644 examples/borderless.service "$folder"
  install -m 644 examples/service.toml "$folder/config.toml"
  if grep -qaE "(^|[^_])$PWD/" "$folder/borderless-web"; then
    echo "publish: $folder/borderless-web names a path of this machine" >&2
    exit 1
  fi
  (cd "$folder" && stat --printf "$rid  %8s  %n\n" -- *)
done
