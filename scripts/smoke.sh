#!/usr/bin/env bash
# Drives a running server as a stranger would: curl for requests, openssl for signatures. What it stores it deletes again, also where it fails.
# usage: scripts/smoke.sh [origin]   with PRESIGN_API_KEY and PRESIGN_HMAC_SECRET as the server has them
set -euo pipefail

ORIGIN="${1:-http://127.0.0.1:3000}"
API_KEY="${PRESIGN_API_KEY:-secret-api-key}"
SECRET="${PRESIGN_HMAC_SECRET:-super-secret-hmac-secret}"
WORK="$(mktemp -d)"
trap 'clean > "$WORK/kept" 2> /dev/null || true; ended' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
checks=0

ended() {
  [ ! -s "$WORK/kept" ] || echo "smoke: this could not be deleted again: $(tr '\n' ' ' < "$WORK/kept")" >&2
  rm -rf "$WORK"
}

die() { echo "smoke: FAILED: $*" >&2; exit 1; }

expect() { # what, expected, actual
  [ "$2" = "$3" ] || die "$1: expected '$2', got '$3'"
  checks=$((checks + 1))
  echo "  ok  $1"
}

# The value of a JSON field that holds a plain string or number; enough for this server's own answers.
field() { sed -nE "s/.*\"$1\":(\"([^\"]*)\"|([0-9]+|true|false)).*/\2\3/p"; }

sign() { # method, path, expires, parameters as they are signed ("|name=value") -> signature, from openssl alone
  printf '%s|%s|%s%s' "$1" "$2" "$3" "${4:-}" | openssl dgst -sha256 -hmac "$SECRET" -binary | base64 | tr '+/' '-_'
}

url() { # method, path, parameter ("name=percent-encoded value") -> signed URL, valid for ten minutes
  local expires=$(($(date +%s) + 600))
  echo "$ORIGIN$2?expires=$expires${3:+&$3}&sig=$(sign "$1" "$2" "$expires" "${3:+|$3}")"
}

presign() { # JSON -> the target of the minted URL in $minted, on the origin of this test
  expect "presign $1" 200 "$(request -X POST "$ORIGIN/presign" -H "authorization: Bearer $API_KEY" \
    -H 'content-type: application/json' -d "$1")"
  minted="$(field url < "$WORK/body")"
  minted="$ORIGIN/${minted#*://*/}"
}

admin() { keyed "$ORIGIN$1"; } # path -> like request

new_id() { cat /proc/sys/kernel/random/uuid; }

digest() { sha256sum "$1" | cut -d' ' -f1; }

request() { # arguments of curl -> body in $WORK/body, prints the status
  printf '%s\n' "$@" | sed -nE "s#^$ORIGIN/([a-z0-9_-]+/[0-9a-f-]{36})\?.*#\1#p" >> "$WORK/blobs"
  curl --silent --show-error --output "$WORK/body" --write-out '%{http_code}' "$@"
}

keyed() { request "$@" -H "authorization: Bearer $API_KEY"; } # arguments of curl -> like request

# Deletes a blob, and then the chunks that wait under its id. The server mints the URLs: those signed here are dead where URLs were revoked.
forget() { # bucket/id
  local status=200
  while [ "$status" = 200 ]; do
    [ "$(keyed -X POST "$ORIGIN/presign" -H 'content-type: application/json' \
      -d "{\"action\":\"delete\",\"bucket\":\"${1%/*}\",\"blob_id\":\"${1#*/}\"}")" = 200 ] || return
    minted="$(field url < "$WORK/body")"
    status="$(request -X DELETE "$ORIGIN/${minted#*://*/}")"
  done
  [ "$status" = 404 ]
}

# Deletes all that requests named, and the buckets that were not there before. Prints what it could not delete.
clean() {
  local blob bucket
  [ -f "$WORK/before" ] && [ ! -f "$WORK/cleaned" ] || return 0
  sed -E 's#^(upload|files)/#default/#' "$WORK/blobs" | sort -u > "$WORK/left"
  while read -r blob; do forget "$blob" || echo "$blob"; done < "$WORK/left"
  for bucket in $(sed 's#/.*##' "$WORK/left" | sort -u); do
    grep -qF "\"name\":\"$bucket\"" "$WORK/before" || keyed -X DELETE "$ORIGIN/admin/buckets/$bucket" > /dev/null || true
  done
  touch "$WORK/cleaned"
}

echo "smoke: $ORIGIN"
expect "healthz answers" 200 "$(request "$ORIGIN/healthz")"
expect "statistics" 200 "$(admin /admin/stats)"
cp "$WORK/body" "$WORK/before"

echo "- presign, upload and download"
head -c 300000 /dev/urandom > "$WORK/file"
expect "presign for an upload" 200 "$(request -X POST "$ORIGIN/presign" -H "authorization: Bearer $API_KEY" \
  -H 'content-type: application/json' -d '{"action":"upload"}')"
id="$(field blob_id < "$WORK/body")"
minted="$(field url < "$WORK/body")"
expect "upload through the minted URL" 200 "$(request -X POST "$ORIGIN/${minted#*://*/}" \
  -H 'content-type: application/pdf' -H 'content-disposition: attachment; filename="a.pdf"' --data-binary "@$WORK/file")"
expect "its digest" "$(digest "$WORK/file")" "$(field sha256_hash < "$WORK/body")"
expect "presign for the download" 200 "$(request -X POST "$ORIGIN/presign" -H "authorization: bearer $API_KEY" \
  -H 'content-type: application/json' -d "{\"action\":\"download\",\"blob_id\":\"$id\"}")"
expect "which names the digest" "$(digest "$WORK/file")" "$(field sha256_hash < "$WORK/body")"
minted="$(field url < "$WORK/body")"
expect "download" 200 "$(request -D "$WORK/head" "$ORIGIN/${minted#*://*/}")"
expect "the same bytes" "$(digest "$WORK/file")" "$(digest "$WORK/body")"
expect "the same content type" "content-type: application/pdf" "$(grep -i '^content-type' "$WORK/head" | tr -d '\r' | sed 's/^Content-Type/content-type/')"
expect "HEAD under the same URL" 200 "$(request --head "$ORIGIN/${minted#*://*/}")"

echo "- a URL signed by openssl"
id="$(new_id)"
expect "upload" 200 "$(request -X POST "$(url POST "/upload/$id")" --data-binary 'small')"
expect "again: POST never overwrites" 409 "$(request -X POST "$(url POST "/upload/$id")" --data-binary 'other')"
expect "download" 200 "$(request "$(url GET "/files/$id")")"
expect "the first bytes" small "$(cat "$WORK/body")"

echo "- a real file in chunks, out of order"
big="$(command -v bash)"
split -n 5 -d -a 1 "$big" "$WORK/chunk."
id="$(new_id)"
up="$(url POST "/upload/$id")"
for i in 3 1 5 2; do
  expect "chunk $i of 5" 200 "$(request -X POST "$up" -H 'x-upload-type: chunked' -H "x-chunk-index: $i" -H 'x-chunk-total: 5' \
    --data-binary "@$WORK/chunk.$((i - 1))")"
done
merge() { request -X POST "$up" -H 'x-upload-type: chunked' -H 'x-chunk-total: 5' -H 'x-chunk-merge: true'; }
expect "merge with one missing" 409 "$(merge)"
expect "names it" "[4]" "$(sed -nE 's/.*"missing_chunks":(\[[^]]*\]).*/\1/p' "$WORK/body")"
expect "chunk 4 of 5" 200 "$(request -X POST "$up" -H 'x-upload-type: chunked' -H 'x-chunk-index: 4' -H 'x-chunk-total: 5' \
  --data-binary "@$WORK/chunk.3")"
expect "merge" 200 "$(merge)"
expect "the digest of the whole" "$(digest "$big")" "$(field sha256_hash < "$WORK/body")"
expect "merge again answers the same" 200 "$(merge)"
expect "download" 200 "$(request "$(url GET "/files/$id")")"
expect "the same bytes" "$(digest "$big")" "$(digest "$WORK/body")"

echo "- a named bucket: create, replace, read in parts"
bucket="smoke-$(new_id)"
id="$(new_id)"
printf '0123456789' > "$WORK/ten"
expect "create" 200 "$(request -X POST "$(url POST "/$bucket/$id")" -H 'content-type: text/plain' --data-binary @"$WORK/ten")"
expect "replace" 200 "$(request -X PUT "$(url PUT "/$bucket/$id")" -H 'content-type: text/plain' \
  -H "content-digest: sha-256=:$(openssl dgst -sha256 -binary "$WORK/ten" | base64):" --data-binary @"$WORK/ten")"
expect "replace with a digest of other bytes" 422 "$(request -X PUT "$(url PUT "/$bucket/$id")" \
  -H "content-digest: sha-256=:$(openssl dgst -sha256 -binary "$WORK/file" | base64):" --data-binary @"$WORK/ten")"
expect "a range" 206 "$(request -H 'range: bytes=-3' "$(url GET "/$bucket/$id")")"
expect "its bytes" 789 "$(cat "$WORK/body")"
expect "two ranges" 206 "$(request -H 'range: bytes=0-1,8-9' "$(url GET "/$bucket/$id")")"
expect "a range beyond" 416 "$(request -H 'range: bytes=10-' "$(url GET "/$bucket/$id")")"
expect "not modified" 304 "$(request -H "if-none-match: \"$(digest "$WORK/ten")\"" "$(url GET "/$bucket/$id")")"
expect "a signed override" 200 "$(request -D "$WORK/head" "$(url GET "/$bucket/$id" response_content_type=text%2Fcsv)")"
expect "takes the place of the type" "content-type: text/csv" "$(grep -i '^content-type' "$WORK/head" | tr -d '\r' | sed 's/^Content-Type/content-type/')"
expect "an override that was not signed" 401 "$(request "$(url GET "/$bucket/$id")&response_content_type=text%2Fcsv")"

echo "- updates under conditions, and lists"
presign "{\"action\":\"update\",\"bucket\":\"$bucket\",\"blob_id\":\"$id\"}"
etag="\"$(digest "$WORK/ten")\""
printf 'new' > "$WORK/new"
expect "update under another etag" 412 "$(request -X PUT "$minted" -H "if-match: \"$(digest "$WORK/new")\"" --data-binary @"$WORK/new")"
expect "update under an etag without quotes" 400 "$(request -X PUT "$minted" -H "if-match: $(digest "$WORK/ten")" --data-binary @"$WORK/new")"
expect "update with a fragment" 400 "$(request -X PUT "$minted" -H 'content-range: bytes 0-2/10' --data-binary @"$WORK/new")"
expect "update under its etag" 200 "$(request -X PUT "$minted" -H "if-match: $etag" --data-binary @"$WORK/new")"
expect "update under the old etag" 412 "$(request -X PUT "$minted" -H "if-match: $etag" --data-binary @"$WORK/ten")"
expect "the new bytes" 200 "$(request "$(url GET "/$bucket/$id")")"
expect "are there" new "$(cat "$WORK/body")"
other="$(new_id)"
expect "a second blob" 200 "$(request -X POST "$(url POST "/$bucket/$other")" --data-binary @"$WORK/ten")"
expect "statistics" 200 "$(admin /admin/stats)"
expect "count the bucket" "\"name\":\"$bucket\",\"object_count\":2,\"logical_size\":13," \
  "$(grep -oE "\"name\":\"$bucket\",\"object_count\":[0-9]+,\"logical_size\":[0-9]+," "$WORK/body")"
expect "the first page" 200 "$(admin "/admin/objects/$bucket?limit=1")"
expect "has one of two" 2 "$(field total < "$WORK/body")"
first="$(field blob_id < "$WORK/body")"
expect "the next page" 200 "$(admin "/admin/objects/$bucket?limit=1&after=$(field next < "$WORK/body")")"
expect "has the other" "$(printf '%s\n' "$id" "$other" | grep -v "$first")" "$(field blob_id < "$WORK/body")"
expect "and is the last" "" "$(field next < "$WORK/body")"
expect "delete the second blob" 200 "$(request -X DELETE "$(url DELETE "/$bucket/$other")")"

echo "- rules: what each refuses and accepts"
rule() { presign "{\"action\":\"upload\",\"bucket\":\"$bucket-rules\",$1}"; } # JSON of the rule -> a new URL in $minted
accepted() { expect "accepted: $1" 200 "$(request -X POST "$minted" "${@:2}")"; } # what, arguments of curl
refused() { # what, status, code, arguments of curl
  expect "refused: $1" "$2 $3" "$(request -X POST "${@:4}" "$minted") $(field code < "$WORK/body")"
}
chunk() { echo -H "x-upload-type:chunked" -H "x-chunk-index:$1" -H "x-chunk-total:$2"; }
rule '"max_size":10'
refused "11 bytes" 413 payload_too_large --data-binary 01234567890
accepted "10 bytes" --data-binary @"$WORK/ten"
rule '"min_size":10'
refused "9 bytes" 422 too_small --data-binary 012345678
accepted "10 bytes" --data-binary @"$WORK/ten"
rule '"content_type":"image/*"'
refused "text/html" 415 unsupported_media_type -H 'content-type: text/html' --data-binary @"$WORK/ten"
accepted "image/png" -H 'content-type: image/png' --data-binary @"$WORK/ten"
rule "\"sha256\":\"$(digest "$WORK/ten")\""
refused "other bytes" 422 digest_mismatch --data-binary 012345678x
accepted "these bytes" --data-binary @"$WORK/ten"
rule "\"not_before\":$(($(date +%s) + 300))"
refused "before its time" 401 link_not_yet_valid --data-binary @"$WORK/ten"
rule "\"not_before\":$(date +%s)"
accepted "in its time" --data-binary @"$WORK/ten"
rule '"client_ip":"192.0.2.7"'
refused "from another address" 403 client_not_allowed --data-binary @"$WORK/ten"
case "$(curl -s -o /dev/null -w '%{remote_ip}' "$ORIGIN/healthz")" in *:*) all=::/0 ;; *) all=0.0.0.0/0 ;; esac
rule "\"client_ip\":\"$all\""
accepted "from one of these" --data-binary @"$WORK/ten"
rule '"once":true'
accepted "the first use" --data-binary @"$WORK/ten"
cp "$WORK/body" "$WORK/first"
accepted "the same bytes again" --data-binary @"$WORK/ten"
expect "with the same answer" "$(digest "$WORK/first")" "$(digest "$WORK/body")"
refused "other bytes" 409 link_used --data-binary 012345678x
rule '"chunks":"2-3"'
refused "chunk 1" 400 invalid_chunk $(chunk 1 3) --data-binary @"$WORK/ten"
refused "a whole blob" 400 invalid_chunk --data-binary @"$WORK/ten"
accepted "chunk 2" $(chunk 2 3) --data-binary @"$WORK/ten"
expect "a rule that does not fit the action" "400 invalid_rule" "$(request -X POST "$ORIGIN/presign" -H "authorization: Bearer $API_KEY" \
  -H 'content-type: application/json' -d "{\"action\":\"download\",\"blob_id\":\"$id\",\"max_size\":1}") $(field code < "$WORK/body")"

echo "- narrowing, receipts and revoking, by openssl alone"
narrow() { # level -> $minted, narrowed by it
  local key sig
  key="$(printf '%s' "${minted##*&sig=}" | tr '_-' '/+' | base64 -d | od -An -v -tx1 | tr -d ' \n')"
  sig="$(printf 'narrow|%s' "$1" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 | tr '+/' '-_')"
  minted="${minted%&sig=*}&narrow=$(sed 's/%/%25/g; s/=/%3D/g; s/|/%7C/g' <<< "$1")&sig=$sig"
}
rule '"max_size":100'
wide="$minted"
narrow "max_size=9|client_ip=$(sed 's#/#%2F#g; s/:/%3A/g' <<< "$all")"
refused "10 bytes through the narrower URL" 413 payload_too_large --data-binary @"$WORK/ten"
minted="${minted/max_size%3D9/max_size%3D99}"
refused "a level that was changed" 401 invalid_signature --data-binary @"$WORK/ten"
minted="$wide"
accepted "10 bytes through the wider one" --data-binary @"$WORK/ten"
IFS=. read -r head claims mac <<< "$(field receipt < "$WORK/body")"
key="$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "key:$SECRET" -kdfopt 'info:borderless receipt v1' HKDF | tr -d ':\n')"
expect "the receipt's signature" "$mac" "$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 | tr '+/' '-_' | tr -d =)"
expect "states the digest" "$(digest "$WORK/ten")" "$(base64 -d <<< "$(tr '_-' '/+' <<< "$claims")===" 2> /dev/null | field sha256)"
rule '"max_size":10'
expect "revoke" 200 "$(request -X POST "$ORIGIN/admin/buckets/$bucket-rules/revoke" -H "authorization: Bearer $API_KEY")"
refused "a URL that was minted before" 401 link_revoked --data-binary @"$WORK/ten"
rule '"max_size":10'
accepted "one that was minted after" --data-binary @"$WORK/ten"

echo "- deleting"
expect "the bucket's count" 200 "$(admin "/admin/buckets/$bucket")"
expect "is one" 1 "$(field object_count < "$WORK/body")"
expect "delete a bucket that is not empty" 409 "$(request -X DELETE "$ORIGIN/admin/buckets/$bucket" -H "authorization: Bearer $API_KEY")"
expect "delete" 200 "$(request -X DELETE "$(url DELETE "/$bucket/$id")")"
expect "delete again" 404 "$(request -X DELETE "$(url DELETE "/$bucket/$id")")"
expect "a chunk" 200 "$(request -X POST "$(url POST "/$bucket/$id")" -H 'x-upload-type: chunked' -H 'x-chunk-index: 1' \
  -H 'x-chunk-total: 2' --data-binary @"$WORK/ten")"
expect "which chunks are there" 200 "$(request "$(url GET "/$bucket/$id/chunks")")"
expect "what is missing" "[2]" "$(sed -nE 's/.*"missing_chunks":(\[[^]]*\]).*/\1/p' "$WORK/body")"
expect "delete the empty bucket" 200 "$(request -X DELETE "$ORIGIN/admin/buckets/$bucket" -H "authorization: Bearer $API_KEY")"

echo "- what must be refused"
expect "no key" 401 "$(request -X POST "$ORIGIN/presign" -H 'content-type: application/json' -d '{"action":"upload"}')"
expect "no signature" 401 "$(request "$ORIGIN/files/$id")"
past=$(($(date +%s) - 10))
expect "an expired URL" 401 "$(request "$ORIGIN/files/$id?expires=$past&sig=$(sign GET "/files/$id" "$past")")"
expect "says so" link_expired "$(field code < "$WORK/body")"
expect "a URL for another method" 401 "$(request "$(url POST "/files/$id")")"
expect "an unknown blob" 404 "$(request "$(url GET "/files/$(new_id)")")"
expect "as JSON" no_such_blob "$(field code < "$WORK/body")"

echo "- leaving the store as it was"
expect "delete what was stored" "" "$(clean)"
for gone in "$bucket" "$bucket-rules"; do expect "its bucket is gone" 404 "$(admin "/admin/buckets/$gone")"; done
expect "statistics" 200 "$(admin /admin/stats)"
if cmp -s "$WORK/before" "$WORK/body"; then
  expect "count as before" "$(cat "$WORK/before")" "$(cat "$WORK/body")"
else
  echo "  --  count otherwise than before: somebody else uses this store"
fi

echo "smoke: $checks checks passed"
