#!/usr/bin/env bash
# The console in a real browser: Debian's Chromium, driven by Playwright, with axe-core from npm. Ends with "N passed, N failed[, N skipped]".
# usage: scripts/console.sh; with UPDATE_SCREENSHOTS=1 the README's pictures under docs/ are made anew
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
if ! need chromium chromium; then
  echo "chromium is missing and could not be installed (Debian: apt-get install chromium)" >&2
  skipped=1
  finish
  exit
fi

CHROMIUM="$(command -v chromium)"
AXE="$(mktemp -d)"
trap 'rm -rf "$AXE"' EXIT
if need npm npm && npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$AXE" axe-core@4.14.1 > /dev/null 2>&1; then
  export AXE_CORE="$AXE/node_modules/axe-core/axe.min.js"
else
  echo "axe-core could not be fetched from npm; the views are not judged by it" >&2
  skipped=1
fi

export CHROMIUM
dotnet build tests/Console --nologo --verbosity quiet -clp:NoSummary || exit 1
tests "console in Chromium" tests/Console
finish
