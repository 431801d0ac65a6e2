#!/usr/bin/env bash
# What metrics and traces cost: small uploads and downloads by wrk, with OpenTelemetry off, with metrics, which is the default, with
# traces sent to a sink on this machine, and with a trace of every request. Prints a table of medians and of the rounds' ratios.
# usage: scripts/bench-traces.sh [rounds, default 7]
#   BENCH_DIR   where the measured directories are made: the disk that counts; default TMPDIR or /tmp. It needs some GiB.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
need wrk wrk || { echo "wrk is missing and could not be installed (Debian: apt-get install wrk)" >&2; exit 1; }
dotnet build -c Release --nologo --verbosity quiet -clp:NoSummary tests/Benchmarks >&2
directory=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/borderless-bench-XXXXXX")
trap 'rm -rf "$directory"' EXIT
dotnet run -c Release --no-build --project tests/Benchmarks -- observed "$directory" "$PWD/src/Web/bin/Release/net10.0/borderless-web" "${1:-7}"
