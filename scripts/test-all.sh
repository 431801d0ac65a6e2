#!/usr/bin/env bash
# scripts/test.sh, and then what is slow: large files both ways, with the server's peak memory.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
checks "scripts/test.sh"             scripts/test.sh
checks "large files"                 scripts/large.sh
finish
