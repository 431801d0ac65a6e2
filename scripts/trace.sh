#!/usr/bin/env bash
# Traces the system calls of the real server and checks that before the first bytes of each 2xx answer left, the file, its
# directory and the index's log had been synced, in that order. Ends with "N passed, N failed[, N skipped]".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
need_strace
run_release trace
