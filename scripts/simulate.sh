#!/usr/bin/env bash
# Simulated crashes, ten for each seed: what was acknowledged must be there after each of them. Ends with "N passed, N failed".
# usage: scripts/simulate.sh [seeds] [first seed]
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
run_release simulate "$@"
