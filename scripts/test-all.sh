#!/usr/bin/env bash
# scripts/test.sh, and then what is slow or needs root or more tools. Each part can be run by itself.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
checks "scripts/test.sh"             scripts/test.sh
stage "format, with style"           dotnet format --no-restore --verify-no-changes
checks "package, twice"              scripts/package.sh all
checks "trace of system calls"       scripts/trace.sh
checks "simulated crashes"           scripts/simulate.sh
checks "kill storm"                  scripts/kill-storm.sh 60
checks "faults of the disk"          scripts/faults.sh
checks "OpenAPI linter"              scripts/openapi.sh
checks "large files"                 scripts/large.sh
checks "TLS, sockets and proxies"    scripts/proxies.sh
checks "metrics and Prometheus"      scripts/metrics.sh
checks "published, in a bare root"   scripts/chroot.sh
checks "published, under systemd"    scripts/service.sh
checks "Nix files"                   scripts/nix.sh
checks "console in a browser"        scripts/console.sh
finish
