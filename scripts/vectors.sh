#!/usr/bin/env bash
# Writes vectors/, the cases for verifiers in other languages. With --check it writes them elsewhere, holds them byte for byte against
# those that are there, and runs the verifiers of examples/ over them. Ends with "N passed, N failed" and what was skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
need_dotnet

write() { # directory
  mkdir -p "$1" && dotnet run scripts/vectors.cs -- "$1"
}

same() {
  write "$WORK" && diff -rq vectors "$WORK"
}

# Where Python or Node cannot be had, its verifier counts as skipped.
verifier() { # name, package, command...
  local name="$1" package="$2"
  shift 2
  if need "$1" "$package"; then
    stage "$name" "$@"
  else
    skipped=$((skipped + 1))
    printf '%-28s skipped: %s is missing and could not be installed (Debian: apt-get install %s)\n' "$name" "$1" "$package"
  fi
}

case "${1:-}" in
  "") rm -f vectors/*.json && write vectors ;;
  --check)
    WORK="$(mktemp -d)"
    trap 'rm -rf "$WORK"' EXIT
    stage "vectors are as written" same
    verifier "vectors in Python" python3 python3 examples/verify.py vectors/
    verifier "vectors in JavaScript" nodejs node examples/verify.mjs vectors/
    finish ;;
  *)
    echo "usage: scripts/vectors.sh [--check]" >&2
    exit 2 ;;
esac
