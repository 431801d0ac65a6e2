#!/usr/bin/env bash
# Writes down anew what Core makes public and no release has shipped: src/Core/PublicAPI.Unshipped.txt. Read its diff before you
# commit it. With "ship" it moves to PublicAPI.Shipped.txt, which is for the commit of a release.
set -euo pipefail
cd "$(dirname "$0")/../src/Core"

if [ "${1:-}" = ship ]; then
  { echo '#nullable enable'; tail -q -n +2 PublicAPI.Shipped.txt PublicAPI.Unshipped.txt | LC_ALL=C sort -u; } > PublicAPI.new
  mv PublicAPI.new PublicAPI.Shipped.txt
  echo '#nullable enable' > PublicAPI.Unshipped.txt
  exit
fi

echo '#nullable enable' > PublicAPI.Unshipped.txt
dotnet restore --verbosity quiet
dotnet format analyzers Borderless.Core.csproj --no-restore --severity warn --diagnostics RS0016 RS0017 RS0037
