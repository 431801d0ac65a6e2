#!/usr/bin/env bash
# Makes a store in an empty directory whose index names many small objects, to try the admin API at size.
# usage: scripts/fill.sh <empty data directory> [objects]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

[ $# -ge 1 ] || { echo "usage: scripts/fill.sh <empty data directory> [objects]" >&2; exit 2; }
need_dotnet
exec dotnet run -c Release --project tests/Benchmarks -- fill "$1" "${2:-1000000}"
