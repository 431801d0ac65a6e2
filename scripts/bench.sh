#!/usr/bin/env bash
# Measures the server beside nginx, the disk and the hash, in turns, and prints a table of medians and ratios.
# usage: scripts/bench.sh [--quick] [--only=<words of a case>] [--json=<file>]
#   --quick        the same cases, shorter and smaller, in under two minutes: for use before and after a change
#   --only=growth  only how cost grows with what is stored; any other word names cases as the table does
#   --json=<file>  where all figures of all rounds go; default bench.json
#   PEER_BIN       another server with this HTTP contract, measured beside ours
#   BENCH_DIR      where the measured directories are made: the disk that counts; default TMPDIR or /tmp. The full run needs 70 GiB.
# Creating small files, which is what nginx does, can be slow for minutes after many were deleted, which is how a run ends: wait
# before the next one.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
for tool in nginx wrk curl openssl; do
  command -v "$tool" >/dev/null && continue
  { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends nginx-light wrk curl openssl; } >&2 && break
  echo "$tool is missing and could not be installed (Debian: apt-get install nginx-light wrk curl openssl)" >&2
  exit 1
done
dotnet build -c Release --nologo --verbosity quiet -clp:NoSummary tests/Benchmarks >&2
place=${BENCH_DIR:-${TMPDIR:-/tmp}}
if [[ " $* " != *" --quick "* && " $* " != *" --only="* ]] && [ "$(df --output=avail -B1G "$place" | tail -n 1)" -lt 70 ]; then
  echo "$place has less than 70 GiB of room, which the full run needs; name another directory with BENCH_DIR, or take --quick" >&2
  exit 1
fi
directory=$(mktemp -d "$place/borderless-bench-XXXXXX")
trap 'rm -rf "$directory"' EXIT
dotnet run -c Release --no-build --project tests/Benchmarks -- bench --directory="$directory" --program="$PWD/src/Web/bin/Release/net10.0/borderless-web" \
  --json="$PWD/bench.json" ${PEER_BIN:+--peer="$PEER_BIN"} "$@"
