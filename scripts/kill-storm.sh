#!/usr/bin/env bash
# Kills the real server at random moments under load, starts it again, and checks every acknowledged outcome.
# usage: scripts/kill-storm.sh [kills, 100 by default] [seed]; ends with "N passed, N failed"
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
run_release kill-storm "${1:-100}" ${2:+"$2"}
