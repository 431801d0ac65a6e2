#!/usr/bin/env bash
# What a start and the admin API cost at 1,000 and at 1,000,000 objects: medians in milliseconds through the real server over HTTP.
# usage: scripts/admin-cost.sh [objects...]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
dotnet build -c Release --nologo --verbosity quiet tests/Benchmarks >&2
echo "| objects | start, ms | stats | first page | page at 90 % by after | the same in a bucket | first page of a prefix | page at 90 % by offset |"
echo "|---:|---:|---:|---:|---:|---:|---:|---:|"
[ $# -gt 0 ] || set -- 1000 1000000
for objects in "$@"; do
  dotnet run -c Release --no-build --project tests/Benchmarks -- admin "$objects"
done
