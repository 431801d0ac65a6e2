#!/usr/bin/env bash
# Packs Core, looks at the package, and lets examples/MintOffline use it beside a real server: mint, upload, receipt, download. With the
# word all it also packs again, to see that it is the same to the byte, under the analyzers for trimming and AOT.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
WORK="$(mktemp -d)"
SECRET="package-test-hmac-secret"
server="" backend=""

cleanup() {
  for process in $backend $server; do
    kill "$process" 2>/dev/null
    wait "$process" 2>/dev/null
  done
  rm -rf "$WORK"
}
trap cleanup EXIT

VERSION="$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)"
PACKAGES=artifacts/packages
EXAMPLE=examples/MintOffline

pack() { # directory, properties...
  dotnet pack src/Core --configuration Release --output "$1" --nologo --verbosity quiet "${@:2}"
}

# A package is a zip file: what is in it, and one file of it.
names() { python3 -c 'import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep="\n")' "$1"; }
member() { python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$1" "$2"; }

holds() { # package, names...
  local package="$1"
  shift
  diff <(printf '%s\n' Borderless.Core.nuspec "$@" | sort) <(names "$package" | grep -vE '^(_rels/|package/|\[Content_Types)' | sort)
}

# Built again from nothing, it is the same to the byte.
packs_alike() {
  rm -rf src/Core/bin/Release src/Core/obj/Release
  pack "$WORK/again" -p:EnableTrimAnalyzer=true -p:EnableAotAnalyzer=true -p:EnableSingleFileAnalyzer=true || return 1
  for file in lib/net10.0/Borderless.Core.dll lib/net10.0/Borderless.Core.xml; do
    cmp <(member "$PACKAGES/Borderless.Core.$VERSION.nupkg" "$file") <(member "$WORK/again/Borderless.Core.$VERSION.nupkg" "$file") || return 1
  done
}

names_no_path() { ! member "$PACKAGES/Borderless.Core.$VERSION.nupkg" lib/net10.0/Borderless.Core.dll | grep -qaF "$PWD"; }

build_example() {
  rm -rf "$EXAMPLE/obj/packages/borderless.core"
  dotnet build "$EXAMPLE" --configuration Release --nologo --verbosity quiet -clp:NoSummary
}

build_server() { dotnet build src/Web --nologo --verbosity quiet -clp:NoSummary; }

answers() { # url, process, its log
  for ((i = 0; i < 100; i++)); do
    curl -s -o /dev/null "$1" && return 0
    kill -0 "$2" 2>/dev/null || break
    sleep 0.2
  done
  cat "$3"
  return 1
}

start() {
  local port
  port="$(free_port)"
  STORE="http://localhost:$port"
  mkdir "$WORK/data"
  IP_ADDR="127.0.0.1:$port" DOMAIN="$STORE" DATA_DIR="$WORK/data" PRESIGN_API_KEY=package-test-api-key PRESIGN_HMAC_SECRET="$SECRET" \
    dotnet src/Web/bin/Debug/net10.0/borderless-web.dll > "$WORK/server.log" 2>&1 &
  server=$!
  BACKEND="http://127.0.0.1:$(free_port)"
  STORE_ORIGIN="$STORE" STORE_SECRET="$SECRET" ASPNETCORE_URLS="$BACKEND" \
    dotnet "$EXAMPLE/bin/Release/net10.0/MintOffline.dll" > "$WORK/backend.log" 2>&1 &
  backend=$!
  answers "$STORE/healthz" "$server" "$WORK/server.log" && answers "$BACKEND/" "$backend" "$WORK/backend.log"
}

field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }

# A request whose status must be this one; its answer stays in $WORK/answer.
asks() { # status, curl's arguments
  local status="$1" got
  shift
  got="$(curl -s -o "$WORK/answer" -w '%{http_code}' "$@")"
  [ "$got" = "$status" ] || { echo "expected $status, got $got: $(cat "$WORK/answer")"; return 1; }
}

hands_over() { # status, receipt
  asks "$1" -X POST "$BACKEND/receipts" -H 'content-type: application/json' -d "{\"receipt\":\"$2\"}"
}

mints() { asks 200 -X POST "$BACKEND/uploads" && URL="$(field url < "$WORK/answer")" && BLOB="$(field blob_id < "$WORK/answer")" && [ -n "$URL" ]; }
uploads() { asks 200 -X POST "$URL" -H 'content-type: text/plain' --data-binary 'Hello, receipt.' && cp "$WORK/answer" "$WORK/upload"; }
has_receipt() { RECEIPT="$(field receipt < "$WORK/upload")"; [ -n "$RECEIPT" ] || { echo "no receipt in $(cat "$WORK/upload")"; return 1; }; }
verifies() { hands_over 200 "$RECEIPT" && grep -q "\"blob_id\":\"$BLOB\",\"size\":15," "$WORK/answer" && grep -q '"durability":"strict"' "$WORK/answer"; }

# One character of the claims, to another of the alphabet.
refuses_tampered() {
  local at=$((${#RECEIPT} / 2)) other=A
  [ -n "$RECEIPT" ] || return 1
  [ "${RECEIPT:at:1}" = A ] && other=B
  hands_over 422 "${RECEIPT:0:at}$other${RECEIPT:at+1}" && grep -q '"code":"invalid_receipt"' "$WORK/answer"
}

refuses_unwanted() { # of the same store, of a blob that the back end never asked for
  local url
  asks 200 -X POST "$STORE/presign" -H 'authorization: Bearer package-test-api-key' -H 'content-type: application/json' -d '{"action":"upload"}' || return 1
  url="$(field url < "$WORK/answer")"
  asks 200 -X POST "$url" --data-binary 'nobody asked' || return 1
  hands_over 422 "$(field receipt < "$WORK/answer")" && grep -q 'nobody asked for' "$WORK/answer"
}

downloads() {
  asks 200 "$BACKEND/downloads/$BLOB" && asks 200 "$(field url < "$WORK/answer")" && [ "$(cat "$WORK/answer")" = 'Hello, receipt.' ]
}

limits() {
  mints && asks 415 -X POST "$URL" -H 'content-type: image/png' --data-binary 'no text' \
    && head -c 1000001 /dev/zero > "$WORK/large" && asks 413 -X POST "$URL" -H 'content-type: text/plain' --data-binary "@$WORK/large"
}

need_dotnet
need python3 python3 || echo "python3 is missing and could not be installed (Debian: apt-get install python3): the package cannot be looked into" >&2
rm -rf "$PACKAGES"
stage "pack, with validation"        pack "$PACKAGES"
stage "the package's files"          holds "$PACKAGES/Borderless.Core.$VERSION.nupkg" README.md lib/net10.0/Borderless.Core.dll lib/net10.0/Borderless.Core.xml
stage "the symbols' files"           holds "$PACKAGES/Borderless.Core.$VERSION.snupkg" lib/net10.0/Borderless.Core.pdb
[ "${1:-}" != all ] || stage "packed again it is the same" packs_alike
stage "it names no path of here"     names_no_path
stage "the example builds"           build_example
stage "the server builds"            build_server
stage "both start"                   start
stage "a URL is minted offline"      mints
stage "an upload through it"         uploads
stage "the answer has a receipt"     has_receipt
stage "the back end verifies it"     verifies
stage "a tampered receipt is 422"    refuses_tampered
stage "a stranger's receipt is 422"  refuses_unwanted
stage "no receipt is 422"            hands_over 422 ""
stage "the blob comes back"          downloads
stage "the URL's limits hold"        limits
finish
