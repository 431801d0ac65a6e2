#!/usr/bin/env bash
# The test command: format, build with warnings as errors, all tests, the verifiers of other languages, the package, the units
# of systemd, the README's commands. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_dotnet
stage "restore"                      dotnet restore --verbosity quiet
stage "format"                       dotnet format whitespace --no-restore --verify-no-changes
stage "build, warnings as errors"    dotnet build --no-restore --nologo --verbosity quiet
tests "properties"                   tests/Properties

# Tests of the network must be alone in their process, and wait much: so they have one of their own.
tests_beside "integration: network"  tests/Integration --filter "FullyQualifiedName~Integration.Network."
tests "integration: all else"        tests/Integration --filter "FullyQualifiedName!~Integration.Network."
joined
checks "vectors in three languages"  scripts/vectors.sh --check
checks "package and example"         scripts/package.sh
checks "units of systemd"            scripts/units.sh
checks "README and smoke test"       scripts/readme.sh
finish
