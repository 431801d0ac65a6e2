#!/usr/bin/env bash
# The server behind the nginx and the Caddy of examples/, on a Unix socket and on a port, and with TLS of its own: bytes both ways,
# whose address counts, what is refused early, and that bodies are passed on while they arrive.
# usage: scripts/proxies.sh [large]   large: also 1 GiB through nginx, with the memory of both
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
NAME=blobs.example.com
SECRET=a-secret-behind-proxies
WORK="$(mktemp -d)"
PIDS=()
AS=()

end() {
  [ "${#PIDS[@]}" -eq 0 ] || { kill "${PIDS[@]}"; wait "${PIDS[@]}"; } 2> /dev/null
  rm -rf "$WORK"
}
trap end EXIT

same() { # what, expected, actual
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1)) && echo "  ok      $1"
  else
    failed=$((failed + 1)) && echo "  FAILED  $1: expected '$2', got '$3'"
  fi
}

until_ready() { # what, command...
  local what="$1"
  shift
  for _ in $(seq 300); do
    "$@" > /dev/null 2>&1 && return
    sleep 0.1
  done
  echo "waited in vain for $what" >&2
  cat "$WORK"/*.log >&2
  exit 1
}

serve() { # name, settings... -> its process in $pid
  mkdir -p "$WORK/$1"
  "${AS[@]}" env "${@:2}" DATA_DIR="$WORK/$1" DOMAIN="https://$NAME" PRESIGN_API_KEY=the-key-behind-proxies PRESIGN_HMAC_SECRET="$SECRET" \
    dotnet src/Web/bin/Release/net10.0/borderless-web.dll > "$WORK/$1.log" 2>&1 &
  pid=$!
  PIDS+=("$pid")
}

# Each listens on 127.0.0.1 alone, with the certificate of this run.
nginx_site() { # port, upstream's name, where the server is
  sed -e "s#listen 443 #listen 127.0.0.1:$1 #" -e "s#/etc/letsencrypt/live/$NAME/fullchain.pem#$WORK/cert.pem#" \
    -e "s#/etc/letsencrypt/live/$NAME/privkey.pem#$WORK/key.pem#" -e "s#unix:/run/borderless/http.sock#$3#" \
    -e "s#upstream borderless#upstream $2#; s#http://borderless#http://$2#" examples/nginx.conf
}

caddy_site() { # port, where the server is
  sed -e "s#^$NAME {#https://$NAME:$1 {\n\tbind 127.0.0.1\n\ttls $WORK/cert.pem $WORK/key.pem#" -e "s#unix//run/borderless/http.sock#$2#" examples/Caddyfile
}

url() { # port, method, path, parameter -> signed URL
  local expires=$(($(date +%s) + 3600))
  echo "https://$NAME:$1$3?expires=$expires${4:+&$4}&sig=$(printf '%s|%s|%s%s' "$2" "$3" "$expires" "${4:+|$4}" |
    openssl dgst -sha256 -hmac "$SECRET" -binary | base64 | tr '+/' '-_')"
}

# The client is 127.0.0.2, a proxy 127.0.0.1.
ask() { curl -sS --max-time 300 --interface 127.0.0.2 --cacert "$WORK/cert.pem" --resolve "$NAME:$1:127.0.0.1" "${@:2}"; } # port, arguments of curl
status() { ask "$1" -o "$WORK/answer" -w '%{http_code}' "${@:2}"; }
digest_of() { sed -nE 's/.*"sha256_hash":"([0-9a-f]+)".*/\1/p'; }
new_id() { cat /proc/sys/kernel/random/uuid; }

bytes_both_ways() { # name, port
  local id method version
  id="$(new_id)"
  for version in 1.1 2; do
    method="$([ "$version" = 2 ] && echo PUT || echo POST)"
    ask "$2" "--http$version" -X "$method" -T "$WORK/file" -w '%{http_version}' "$(url "$2" "$method" "/upload/$id")" > "$WORK/answer"
    same "$1: up by HTTP/$version" "$digest" "$(digest_of < "$WORK/answer")"
    same "$1: and by no other" "$version" "$(tail -n 1 "$WORK/answer")"
    same "$1: down by HTTP/$version" "$digest" "$(ask "$2" "--http$version" "$(url "$2" GET "/files/$id")" | sha256sum | cut -d' ' -f1)"
  done
  same "$1: a range" "$(tail -c +1000001 "$WORK/file" | head -c 1000000 | sha256sum)" "$(ask "$2" -r 1000000-1999999 "$(url "$2" GET "/files/$id")" | sha256sum)"
}

# Caddy is not asked: it may cut the connection of a client that still sends, before or after it has passed the answer on.
refused_early() { # name, port
  local id version
  id="$(new_id)"
  ask "$2" -o /dev/null -X POST -d x "$(url "$2" POST "/upload/$id")"
  for version in 1.1 2; do
    rm -f "$WORK/answer"
    same "$1: refused early by HTTP/$version" "409 duplicate_blob" "$(status "$2" "--http$version" -X POST -T "$WORK/file" "$(url "$2" POST "/upload/$id")") $(
      sed -nE 's/.*"code":"([a-z_]+)".*/\1/p' "$WORK/answer")"
  done
}

whose_address() { # name, port
  local path
  path="/files/$(new_id)"
  same "$1: the client's address is permitted" 404 "$(status "$2" "$(url "$2" GET "$path" client_ip=127.0.0.2)")"
  same "$1: the proxy's is not" 403 "$(status "$2" "$(url "$2" GET "$path" client_ip=127.0.0.1)")"
  same "$1: nor one that the client claims" 403 "$(status "$2" -H 'X-Forwarded-For: 127.0.0.3' "$(url "$2" GET "$path" client_ip=127.0.0.3)")"
  same "$1: and its own stays its own" 404 "$(status "$2" -H 'X-Forwarded-For: 127.0.0.3' "$(url "$2" GET "$path" client_ip=127.0.0.2)")"
}

# The client sends the first mebibyte, and the rest only once the server has bytes of it on its disk.
on_the_way() { # name, port, data directory
  rm -f "$WORK/pipe" && mkfifo "$WORK/pipe"
  ask "$2" -X POST -T - "$(url "$2" POST "/upload/$(new_id)")" < "$WORK/pipe" > "$WORK/answer" &
  local client=$! seen=no
  exec 4> "$WORK/pipe"
  head -c 1048576 "$WORK/file" >&4
  for _ in $(seq 100); do
    [ -n "$(find "$3/tmp" -type f -size +0c)" ] && seen=yes && break
    sleep 0.1
  done
  same "$1: the server has the first bytes before the last are sent" yes "$seen"
  tail -c +1048577 "$WORK/file" >&4
  exec 4>&-
  wait "$client"
  same "$1: and then all of them" "$digest" "$(digest_of < "$WORK/answer")"
}

peak() { awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$1/status"; }

large() { # port, nginx's worker, server
  local id before_nginx before_server start
  id="$(new_id)"
  head -c 1073741824 /dev/urandom > "$WORK/large"
  before_nginx="$(peak "$2")" before_server="$(peak "$3")" start="$(date +%s.%N)"
  ask "$1" -X POST -T "$WORK/large" "$(url "$1" POST "/upload/$id")" > "$WORK/answer"
  echo "  1 GiB through nginx in $(echo "$(date +%s.%N) $start" | awk '{ printf "%.1f", $1 - $2 }') s; peak memory before and after: nginx's worker $before_nginx and $(peak "$2") MiB, server $before_server and $(peak "$3") MiB"
  same "1 GiB: up" "$(sha256sum < "$WORK/large" | cut -d' ' -f1)" "$(digest_of < "$WORK/answer")"
  same "1 GiB: down" "$(sha256sum < "$WORK/large")" "$(ask "$1" "$(url "$1" GET "/files/$id")" | sha256sum)"
  echo "  after the download: nginx's worker $(peak "$2") MiB, server $(peak "$3") MiB"
  same "1 GiB: nginx kept none of it" yes "$([ "$(peak "$2")" -lt 64 ] && echo yes || peak "$2")"
  same "1 GiB: nor did the server" yes "$([ "$(peak "$3")" -lt 200 ] && echo yes || peak "$3")"
  rm "$WORK/large"
}

need_dotnet
dotnet build src/Web --configuration Release --nologo --verbosity quiet -clp:NoSummary || exit 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$NAME" -addext "subjectAltName=DNS:$NAME" \
  -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2> /dev/null
head -c 20971520 /dev/urandom > "$WORK/file"
digest="$(sha256sum "$WORK/file" | cut -d' ' -f1)"

plain="$(free_port)" own="$(free_port)" http="$(free_port)"

# As in a container: a user that no file knows, without a home.
stranger=(setpriv --reuid 23456 --regid 23456 --clear-groups env -u HOME)
if [ "$(id -u)" = 0 ] && "${stranger[@]}" test -r "$PWD/src/Web/bin/Release/net10.0/borderless-web.dll"; then
  mkdir "$WORK/tls"
  chmod 711 "$WORK"
  chown 23456:23456 "$WORK/tls" "$WORK/key.pem" "$WORK/cert.pem"
  AS=("${stranger[@]}")
fi
serve tls IP_ADDR="127.0.0.1:$own" TLS_CERT="$WORK/cert.pem" TLS_KEY="$WORK/key.pem"
AS=()
serve port IP_ADDR="127.0.0.1:$plain" TRUSTED_PROXIES=127.0.0.1
serve socket IP_ADDR="unix:$WORK/http.sock" TRUSTED_PROXIES=unix:
server="$pid"
until_ready "TLS" ask "$own" -f "https://$NAME:$own/healthz"
until_ready "the port" curl -f "http://127.0.0.1:$plain/healthz"
until_ready "the socket" curl -f --unix-socket "$WORK/http.sock" http://localhost/healthz

echo "- TLS in the process"
bytes_both_ways "own TLS" "$own"
refused_early "own TLS" "$own"
on_the_way "own TLS" "$own" "$WORK/tls"
same "own TLS: TLS 1.3" TLSv1.3 "$(openssl s_client -connect "127.0.0.1:$own" -alpn h2 < /dev/null 2> /dev/null | sed -nE 's/^ *New, (TLSv[0-9.]+),.*/\1/p')"
same "own TLS: TLS 1.2" TLSv1.2 "$(openssl s_client -tls1_2 -connect "127.0.0.1:$own" < /dev/null 2> /dev/null | sed -nE 's/^ *New, (TLSv[0-9.]+),.*/\1/p')"
same "own TLS: not 1.1" "" "$(openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0 -connect "127.0.0.1:$own" < /dev/null 2> /dev/null | sed -nE 's/^ *New, (TLSv[0-9.]+),.*/\1/p')"
same "plain HTTP stays HTTP/1.1" 1.1 "$(curl -s --http2 -o /dev/null -w '%{http_version}' "http://127.0.0.1:$plain/healthz")"

echo "- nginx"
if need nginx nginx; then
  one="$(free_port)" other="$(free_port)"
  nginx_site "$one" one "unix:$WORK/http.sock" > "$WORK/one.conf"
  nginx_site "$other" other "127.0.0.1:$plain" > "$WORK/other.conf"
  mkdir "$WORK/nginx"
  cat > "$WORK/nginx.conf" << END
$([ "$(id -u)" = 0 ] && echo 'user root;')
worker_processes 1; pid $WORK/nginx/pid; error_log $WORK/nginx.log; daemon off;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path $WORK/nginx/body; proxy_temp_path $WORK/nginx/proxy;
  fastcgi_temp_path $WORK/nginx/f; uwsgi_temp_path $WORK/nginx/u; scgi_temp_path $WORK/nginx/s;
  include $WORK/one.conf; include $WORK/other.conf;
}
END
  nginx -p "$WORK/nginx" -e "$WORK/nginx.log" -c "$WORK/nginx.conf" &
  nginx=$!
  PIDS+=("$nginx")
  until_ready nginx ask "$one" -f "https://$NAME:$one/healthz"
  for site in "socket $one" "port $other"; do
    read -r place port <<< "$site"
    bytes_both_ways "nginx, $place" "$port"
    refused_early "nginx, $place" "$port"
    whose_address "nginx, $place" "$port"
    on_the_way "nginx, $place" "$port" "$WORK/$place"
  done
  same "nginx wrote no body to its disk" "" "$(find "$WORK/nginx/body" "$WORK/nginx/proxy" -type f)"
  [ "${1:-}" != large ] || large "$one" "$(tr -d " " < "/proc/$nginx/task/$nginx/children")" "$server"
else
  skipped=$((skipped + 1))
fi

echo "- Caddy"
if need caddy caddy; then
  one="$(free_port)" other="$(free_port)"
  { printf '{\n\tadmin off\n\tauto_https disable_redirects\n\thttp_port %s\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n' "$http"
    caddy_site "$one" "unix/$WORK/http.sock"
    caddy_site "$other" "127.0.0.1:$plain"; } > "$WORK/Caddyfile"
  HOME="$WORK" XDG_DATA_HOME="$WORK/caddy" XDG_CONFIG_HOME="$WORK/caddy" caddy run --config "$WORK/Caddyfile" --adapter caddyfile > "$WORK/caddy.log" 2>&1 &
  PIDS+=("$!")
  until_ready Caddy ask "$one" -f "https://$NAME:$one/healthz"
  for site in "socket $one" "port $other"; do
    read -r place port <<< "$site"
    bytes_both_ways "Caddy, $place" "$port"
    whose_address "Caddy, $place" "$port"
    on_the_way "Caddy, $place" "$port" "$WORK/$place"
  done
else
  skipped=$((skipped + 1))
fi

kill "$server"
wait "$server"
same "the server ends well" 0 "$?"
same "and its socket is gone" no "$([ -e "$WORK/http.sock" ] && echo yes || echo no)"
same "nothing was called an error" "" "$(grep -hE ' (ERR|FTL) ' "$WORK"/{tls,port,socket}.log)"
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
