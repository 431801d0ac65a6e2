#!/usr/bin/env bash
# Lets the disk under the real server fill, fail, vanish and lie, and checks what clients, log and readers see, and how it recovers.
# As root, because it mounts small file systems. usage: scripts/faults.sh [words of a trial's name]
# Ends with "N passed, N failed[, N skipped]".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
need_strace
run_release faults "$@"
