#!/usr/bin/env bash
# Runs examples/borderless.service as it is, sandbox and all: systemd is started as the first process of namespaces of its own, over a
# layer above this machine's root that is thrown away, in a control group of its own, without a network. Needs root.
# usage: scripts/service.sh [folder of a build for this machine]   (default: publishes one)
# Ends with "N passed, N failed", or with all skipped where it cannot run.
set -uo pipefail
HERE="$(cd "$(dirname "$0")" && pwd)"
. "$HERE/lib.sh"
CHECKS=13
UNIT=borderless.service
BACKUP=borderless-backup.service
CONFIG=/etc/borderless/config.toml
PROGRAM=/usr/local/lib/borderless/borderless-web
ORIGIN=http://127.0.0.1:3000

skip_all() { echo "$1" >&2; skipped=$CHECKS; finish; exit; }

# A root for systemd: what this machine has, and in a layer above it the unit, as an administrator would install it.
makes_root() { # its directory, the layer's, the folder of the build, the directory of the results
  mount --make-rprivate / && mkdir -p "$1" "$2" && mount -t tmpfs layer "$2" && mkdir "$2/upper" "$2/work" || return 1
  mount -t overlay -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" overlay "$1" || return 1
  mount -t proc proc "$1/proc" && mount -t sysfs -o ro sysfs "$1/sys" && mount -t tmpfs tmpfs "$1/sys/fs/cgroup" &&
    mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup" || return 1
  for place in run dev tmp; do mount -t tmpfs -o mode=755 tmpfs "$1/$place" || return 1; done
  chmod 1777 "$1/tmp"
  for device in null zero full random urandom; do touch "$1/dev/$device" && mount --bind "/dev/$device" "$1/dev/$device"; done
  ln -s null "$1/dev/console"
  mkdir "$1/dev/pts" "$1/dev/shm" && ln -s pts/ptmx "$1/dev/ptmx"
  mount -t devpts devpts "$1/dev/pts" || return 1
  mkdir -p "$1/run/scripts" "$1/run/results" "$1/usr/local/lib/borderless" "$1/etc/borderless" "$1/mnt/other-disk"
  mount --bind "$HERE" "$1/run/scripts" && mount --bind "$4" "$1/run/results" || return 1
  cp "$3/borderless-web" "$3/libe_sqlite3.so" "$1/usr/local/lib/borderless/"
  printf '%s\n' 'ip_addr = "127.0.0.1:3000"' "domain = \"$ORIGIN\"" 'audit_log = "/var/log/borderless/audit.log"' \
    'metrics_addr = "unix:/run/borderless/metrics.sock"' > "$1$CONFIG"
  (umask 077; for secret in presign_api_key presign_hmac_secret; do echo "$secret-of-the-service" > "$1/etc/borderless/$secret"; done)

  # Of this machine's own units none starts: the server's with what it orders itself behind, and the one that looks at it.
  rm -rf "$1/etc/systemd/system" && mkdir -p "$1/etc/systemd/system/$UNIT.d" "$1/etc/systemd/system/$BACKUP.d"
  cp "$HERE/../examples/$UNIT" "$HERE/../examples/$BACKUP" "$1/etc/systemd/system/"
  ln -s /dev/null "$1/etc/systemd/system/network-online.target"
  printf '%s\n' '[Unit]' DefaultDependencies=no '[Service]' StandardOutput=append:/run/results/server StandardError=append:/run/results/server \
    | tee "$1/etc/systemd/system/$UNIT.d/here.conf" > "$1/etc/systemd/system/$BACKUP.d/here.conf"
  printf '%s\n' '[Unit]' DefaultDependencies=no "Wants=$UNIT" "After=$UNIT" '[Service]' Type=oneshot 'ExecStart=/run/scripts/service.sh --look' \
    StandardOutput=append:/run/results/checks StandardError=append:/run/results/checks 'ExecStopPost=/bin/kill -s RTMIN+14 1' \
    > "$1/etc/systemd/system/look.service"
}

of() { systemctl show -P "$1" "$UNIT"; }
is() { [ "$(of "$1")" = "$2" ] || { systemctl show "$UNIT" -p ActiveState,Result,ExecMainCode,ExecMainStatus; tail -n 20 /run/results/server; return 1; }; }
process() { grep -qE "$1" "/proc/$(of MainPID)/status" || { cat "/proc/$(of MainPID)/status"; return 1; }; }
until_it() { for ((i = 0; i < 600; i++)); do "$@" > /dev/null && return; sleep 0.1; done; "$@"; }
healthy() { "$PROGRAM" health --config "$CONFIG"; }
field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }
presigned() {
  curl -sf -X POST "$ORIGIN/presign" -H 'authorization: Bearer presign_api_key-of-the-service' -H 'content-type: application/json' -d "$1"
}
stores() {
  local minted
  head -c 5000000 /dev/urandom > /tmp/file && minted="$(presigned '{"action":"upload"}')" || return 1
  BLOB="$(field blob_id <<< "$minted")"
  curl -sf -X POST --data-binary @/tmp/file "$(field url <<< "$minted")"
}
fetches() { curl -sf -o /tmp/back "$(presigned "{\"action\":\"download\",\"blob_id\":\"$BLOB\"}" | field url)" && cmp /tmp/file /tmp/back; }
keeps_data_to_itself() { [ "$(stat -c '%a %u' /var/lib/private/borderless)" = "700 $(stat -c %u "/proc/$(of MainPID)")" ]; }
# As a proxy does, which is another user.
enters_by_its_socket() {
  setpriv --reuid 33 --regid 33 --clear-groups curl -sSf --unix-socket /run/borderless/metrics.sock http://localhost/metrics | grep '^borderless_ready'
}
backs_up() { systemctl start "$BACKUP" && [ -f /mnt/other-disk/store/store.json ] || { tail -n 20 /run/results/server; return 1; }; }
reloads() { systemctl reload "$UNIT" && until_it grep -q 'read the keys again' /run/results/server; }
comes_back() { kill -KILL "$(of MainPID)" && until_it is NRestarts 1 && until_it healthy && fetches; }
stops() { systemctl stop "$UNIT"; is Result success && is ExecMainStatus 0 && is ActiveState inactive; }

case "${1:-}" in
  --root)
    makes_root "$2/root" "$2/layer" "$3" "$2/results" || exit 1
    # Shared, as systemd expects of whoever starts it in a container: the files of credentials come to be in another namespace.
    cd "$2/root" && pivot_root . . && umount -l . && mount --make-rshared / || exit 1
    exec /usr/bin/env -i container=other PATH=/usr/bin:/bin /lib/systemd/systemd --system --unit=look.service --log-target=null
    ;;
  --look)
    stage "it says that it is ready" is ActiveState active
    [ "$failed" -eq 0 ] || { finish; exit; }
    stage "a user of its own"        process '^Uid:\s+6[1-5][0-9]{3}\s'
    stage "no right, no new one"     process '^CapBnd:\s+0+$'
    stage "system calls are chosen"  process '^Seccomp:\s+2$'
    stage "it is healthy"            healthy
    stage "a file goes in"           stores
    stage "and comes out"            fetches
    stage "the data is its own"      keeps_data_to_itself
    stage "a proxy may enter"        enters_by_its_socket
    stage "a backup is made"         backs_up
    stage "reload: the keys again"   reloads
    stage "killed, it comes back"    comes_back
    stage "stop: it ends with 0"     stops
    finish
    exit
    ;;
esac

[ "$(id -u)" = 0 ] && [ -x /lib/systemd/systemd ] && command -v curl unshare > /dev/null || skip_all "needs root, systemd, curl and unshare"
GROUPS_AT="$(findmnt -rnt cgroup2 -o TARGET | head -n 1)"
[ -n "$GROUPS_AT" ] && grep -q overlay /proc/filesystems || skip_all "needs control groups (version 2) and overlayfs"
WORK="$(mktemp -d)"
CGROUP="$GROUPS_AT/borderless-$$"
cleanup() {
  find "$CGROUP" -depth -type d -exec rmdir {} \; 2> /dev/null
  rm -rf --one-file-system "$WORK"
}
trap cleanup EXIT
FOLDER="$(realpath -m "${1:-$WORK/published/linux-x64}")"
[ $# -gt 0 ] || "$HERE/publish.sh" linux-x64 --out "$WORK/published" || exit 1
mkdir "$WORK/results" "$CGROUP" || skip_all "control groups cannot be made here"
(
  echo "$BASHPID" > "$CGROUP/cgroup.procs"
  exec timeout -s KILL 120 unshare --mount --pid --fork --kill-child --cgroup --net --ipc --uts "$HERE/service.sh" --root "$WORK" "$FOLDER"
) > "$WORK/said" 2>&1
if [ -s "$WORK/results/checks" ]; then
  cat "$WORK/results/checks"
  tail -n 1 "$WORK/results/checks" | grep -q ' 0 failed$'
else
  cat "$WORK/said"
  skip_all "systemd could not be started in namespaces here"
fi
