#!/usr/bin/env bash
# What it costs to see into the server: 4 KiB uploads and downloads by wrk, of the server as it is by itself ("itself") and of
#   again    the same once more, which shows how far chance goes
#   off      OTEL_SDK_DISABLED=true
#   traces   traces sent to a sink on this machine
#   every    the same with OTEL_TRACES_SAMPLER=always_on
#   audit    with audit_log
# Prints a table for each load: answers a second, processor time for an answer, and the ratios of both to "itself".
# usage: scripts/bench-observed.sh [sets of fresh processes, default 5] [which of them, default all]
#   Each set takes half a minute, and half a minute more for each of them.
#   BENCH_DIR   where the measured directories are made: the disk that counts; default TMPDIR or /tmp. It needs some GiB.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
need wrk wrk || { echo "wrk is missing and could not be installed (Debian: apt-get install wrk)" >&2; exit 1; }
dotnet build -c Release --nologo --verbosity quiet -clp:NoSummary tests/Benchmarks >&2
directory=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/borderless-bench-XXXXXX")
trap 'rm -rf "$directory"' EXIT
dotnet run -c Release --no-build --project tests/Benchmarks -- \
  observed "$directory" "$PWD/src/Web/bin/Release/net10.0/borderless-web" "${1:-5}" "${@:2}"
