#!/usr/bin/env bash
# Holds the units in examples/ against systemd's own tools: that they mean what they say, and how much the server is exposed.
# Ends with "N passed, N failed", or with skipped ones where systemd's tools cannot be had.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT

# The most that `systemd-analyze security` may find, times ten. What is left is the network, which a server is there for, and memory
# that may be written and run, which .NET compiles into.
EXPOSURE=12
UNITS="borderless.service borderless-backup.service borderless-backup.timer"

# The programs are not installed here, which is no fault of the units.
for unit in $UNITS; do
  sed -E 's#^ExecStart=[^ ]+#ExecStart=/bin/true#' "examples/$unit" > "$WORK/$unit"
done

# What it only warns of is a fault too: an unknown setting, for one.
verifies() {
  local said
  said="$(systemd-analyze verify --man=no "$WORK/$1" 2>&1)" && [ -z "$said" ] || { echo "$said"; return 1; }
}

is_little_exposed() { systemd-analyze security --offline=true --threshold="$EXPOSURE" "$WORK/borderless.service"; }

value() { sed -nE "s/^$1=//p" examples/borderless.service; }

# The grace's default, as the server's own help has it.
stops_after_the_grace() {
  local grace
  grace="$(sed -nE 's/.*"shutdown_grace_secs", "([0-9]+)".*/\1/p' src/Core/SettingKey.cs)"
  [ -n "$grace" ] && [ "$(value TimeoutStopSec)" -ge $((grace + 10)) ]
}

# A variable that the server does not know would be passed over in silence.
sets_known_variables() {
  local name
  for name in $(value Environment | sed -n 's/=.*//p' | grep -v '^DOTNET_'); do
    grep -q "\"${name,,}\"" src/Core/SettingKey.cs || { echo "$name is no setting"; return 1; }
  done
}

if need systemd-analyze systemd; then
  for unit in $UNITS; do
    stage "$unit"                    verifies "$unit"
  done
  stage "exposure at most $EXPOSURE / 100" is_little_exposed
else
  echo "systemd-analyze is missing and could not be installed (Debian: apt-get install systemd)" >&2
  skipped=4
fi
stage "it may stop in its time"      stops_after_the_grace
stage "its variables are settings"   sets_known_variables
finish
