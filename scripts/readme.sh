#!/usr/bin/env bash
# Runs every command of README.md, in order, against a server that run_dev.sh started, and holds the answers against those
# that the README shows; then the smoke test and the example. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
WORK="$(mktemp -d)"
. scripts/lib.sh
PORT="$(free_port)"
ORIGIN="http://localhost:$PORT"
server=""
passed=0
failed=0

cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
  fi
  rm -rf "$WORK"
}
trap cleanup EXIT

check() { # what, then a command
  local what="$1"
  shift
  if "$@" > "$WORK/check" 2>&1; then
    passed=$((passed + 1))
    echo "  ok      $what"
  else
    failed=$((failed + 1))
    echo "  FAILED  $what"
    sed 's/^/          /' "$WORK/check"
  fi
}

# Whatever differs from run to run, made equal.
normal() {
  sed -E -e "s#localhost:$PORT#localhost:3000#g" \
    -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' -e 's/[0-9a-f]{64}/SHA256/g' \
    -e 's/expires=[0-9]+/EXPIRES/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/sig=[A-Za-z0-9_-]+=/SIG/g' -e 's/"request_id":"[^"]*"/REQUEST/g' -e 's/"receipt":"[^"]*"/RECEIPT/g' -e '$a\'
}

same() { # what the README shows, what came
  diff <(normal < "$1") <(normal < "$2")
}

start_server() {
  mkdir -p "$WORK/data"
  IP_ADDR="127.0.0.1:$PORT" DATA_DIR="$WORK/data" ./run_dev.sh > "$WORK/server.log" 2>&1 &
  server=$!
  until curl -sf "$ORIGIN/healthz" > /dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$WORK/server.log"; return 1; }
    sleep 0.2
  done
}

# Each block of commands becomes a group of one script, so that variables live on from block to block. A block of JSON after it
# is what its last line must look like.
extract() {
  awk -v out="$WORK" '
    /^```sh$/ { n++; kind = "sh"; print "{"; next }
    /^```json$/ { kind = "json"; next }
    /^```/ && kind == "sh" { printf "} > %s/block-%d.out 2> %s/block-%d.err; echo $? > %s/block-%d.status\n", out, n, out, n, out, n; kind = ""; next }
    /^```/ { kind = kind == "" ? "other" : ""; next }
    kind == "sh" { print }
    kind == "json" { print > (out "/block-" n ".json") }
    END { print n > (out "/blocks") }
  ' README.md | sed -e "s#localhost:3000#localhost:$PORT#g"
}

# run_dev.sh in a tree of its own, with a dotnet that only writes down what it was asked.
stand_in() {
  mkdir -p "$WORK/tree/src/Core" "$WORK/tree/src/Web" "$WORK/stand-in"
  touch "$WORK/tree/src/Web/"{a,b}.cs "$WORK/tree/"{Directory.Build.props,Directory.Packages.props,global.json,.editorconfig}
  cp run_dev.sh "$WORK/tree/"
  cat > "$WORK/stand-in/dotnet" <<'EOF'
#!/bin/sh
echo "$@" >> "$ASKED"
echo "$DOMAIN $DATA_DIR $PWD" > "$ASKED.with"
case "$1" in
  --list-sdks) echo 10.0.100 ;;
  build) [ ! -f "$(dirname "$ASKED")/broken" ] && mkdir -p src/Web/bin/Release/net10.0 && touch src/Web/bin/Release/net10.0/borderless-web.dll ;;
esac
EOF
  chmod +x "$WORK/stand-in/dotnet"
}

develop() { # words of env, run_dev.sh and its arguments
  : > "$WORK/asked"
  (cd "$WORK/tree" && env -u IP_ADDR -u DOMAIN -u TLS_CERT -u DATA_DIR -u CONSOLE -u PRESIGN_API_KEY PATH="$WORK/stand-in:$PATH" ASKED="$WORK/asked" "$@" 2> "$WORK/said")
}

builds() { # arguments of run_dev.sh -> whether it builds
  develop ./run_dev.sh "$@"
  grep -q '^build ' "$WORK/asked"
}

builds_once() { builds fsck && ! builds fsck --deep && ! grep . "$WORK/said" && grep 'dll fsck --deep$' "$WORK/asked"; }

builds_where_it_must() {
  stand_in
  builds_once || return
  echo 1 > "$WORK/tree/src/Web/a.cs" && builds_once || return
  rm "$WORK/tree/src/Web/b.cs" && builds_once || return
  touch -d 2000-01-01 "$WORK/old.cs" && cp -p "$WORK/old.cs" "$WORK/tree/src/Web/a.cs" && builds_once || return
  echo 1 > "$WORK/tree/Directory.Packages.props" && touch "$WORK/broken" && builds fsck && rm "$WORK/broken" && builds_once || return
  rm -r "$WORK/tree/src/Web/bin/Release" && builds_once && ! builds --help && ! builds
}

# What a newcomer signs in with. A key that is not the example's stands in no line.
names_the_console() {
  develop ./run_dev.sh
  grep 'http://localhost:3000/console; its API key: secret-api-key$' "$WORK/said" || return
  develop PRESIGN_API_KEY=of-my-own ./run_dev.sh
  grep 'its API key: the one in PRESIGN_API_KEY$' "$WORK/said" && ! grep of-my-own "$WORK/said"
}

# Where it listens is told by flags too, the scheme by the certificate; relative names are the caller's; and what is no address is not announced.
knows_where_it_is() {
  local tree="$WORK/tree" other="$WORK/stand-in"
  develop ./run_dev.sh --tls-cert cert.pem --ip-addr=127.0.0.1:3402 && grep -x "https://localhost:3402 $tree/db $tree" "$WORK/asked.with" || return
  develop env -C "$other" DATA_DIR=store ../tree/run_dev.sh && grep -x "http://localhost:3000 $other/store $other" "$WORK/asked.with" || return
  develop IP_ADDR=3402 ./run_dev.sh && ! grep console "$WORK/said"
}

# A link within the page leads to one of its headings.
links_lead_somewhere() {
  local anchors
  anchors="$(awk '/^```/ { code = !code } !code && sub(/^#+ /, "") { gsub(/[^A-Za-z0-9 _-]/, ""); gsub(/ /, "-"); print tolower($0) }' README.md)"
  grep -oE '\]\(#[^)]*\)' README.md | sed -E 's/^\]\(#(.*)\)$/\1/' | sort -u > "$WORK/links"
  [ "$(wc -l < "$WORK/links")" -ge 20 ] && ! grep -vxF "$anchors" "$WORK/links"
}

stored() { curl -s "$ORIGIN/admin/stats" -H 'authorization: Bearer secret-api-key'; }

leaves_nothing() { # the exit status that is expected, what it must say, command
  local before status=0
  before="$(stored)"
  "${@:3}" > "$WORK/smoke" 2>&1 || status=$?
  cat "$WORK/smoke"
  [ "$status" = "$1" ] && grep -q "$2" "$WORK/smoke" && [ -n "$before" ] && diff <(echo "$before") <(stored)
}

without() { # words that no request gets through with, command
  mkdir -p "$WORK/lame"
  printf '#!/bin/sh\ncase "$*" in *%s*) printf 000 ;; *) exec %s "$@" ;; esac\n' "$1" "$(command -v curl)" > "$WORK/lame/curl"
  chmod +x "$WORK/lame/curl"
  PATH="$WORK/lame:$PATH" "${@:2}"
}

echo "the README's commands, against a server of run_dev.sh"
check "run_dev.sh starts a server" start_server
extract > "$WORK/script.sh"
TMPDIR="$WORK" bash "$WORK/script.sh"
for ((i = 1; i <= $(cat "$WORK/blocks"); i++)); do
  check "block $i ends well" bash -c "cat '$WORK/block-$i.err'; [ \"\$(cat '$WORK/block-$i.status')\" = 0 ]"
  if [ -f "$WORK/block-$i.json" ]; then
    tail -n 1 "$WORK/block-$i.out" > "$WORK/block-$i.last"
    check "block $i answers as the README says" same "$WORK/block-$i.json" "$WORK/block-$i.last"
  fi
done
check "the C# block is examples/mint.cs" diff <(awk '/^```csharp$/ { on = 1; next } /^```/ { on = 0 } on' README.md) <(tail -n +3 examples/mint.cs)
check "the ini blocks are the units in examples/" diff <(awk '/^```ini$/ { on = 1; next } /^```/ { on = 0 } on' README.md) \
  <(cat examples/borderless-backup.service examples/borderless-backup.timer)
check "the nginx block is examples/nginx.conf" diff <(awk '/^```nginx$/ { on = 1; next } /^```/ { on = 0 } on' README.md) examples/nginx.conf
check "the Caddy block is examples/Caddyfile" diff <(awk '/^```caddy$/ { on = 1; next } /^```/ { on = 0 } on' README.md) examples/Caddyfile
mkdir "$WORK/bin" && ln -s "$(command -v dirname)" "$(command -v cat)" "$WORK/bin/"
check "without an SDK run_dev.sh says how to get it" bash -c "PATH='$WORK/bin' /bin/bash ./run_dev.sh 2>&1 | grep -q 'dotnet-sdk-10.0'"
check "run_dev.sh builds where something was changed, and only there" builds_where_it_must
check "run_dev.sh says where the console is and which key it wants" names_the_console
check "run_dev.sh knows where it listens and who called it" knows_where_it_is
check "the links within the page lead to its headings" links_lead_somewhere
check "the smoke test passes and leaves the store as it was" leaves_nothing 0 'ok  count as before' scripts/smoke.sh "$ORIGIN"
check "where it fails half way it does too" leaves_nothing 1 "FAILED: revoke" without /revoke scripts/smoke.sh "$ORIGIN"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
