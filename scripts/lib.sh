# Shared by the test scripts: stages with their seconds, and one count of what passed and failed.
passed=0
failed=0
skipped=0
LOGS="${TMPDIR:-/tmp}/borderless-logs-$$"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# A port that nobody listens on, below those that outgoing connections use.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

need_dotnet() {
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    echo "the .NET 10 SDK is missing; ./run_dev.sh says how to get it" >&2
    exit 1
  fi
}

# A tool from the system's packages: true when it is there, or could be installed.
need() { # command, package
  command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$2"; } >/dev/null 2>&1 || true
  command -v "$1" >/dev/null
}

# strace comes from the system's packages. Where it cannot be had, what needs it counts as skipped.
need_strace() {
  need strace strace ||
    echo "strace is missing and could not be installed (Debian: apt-get install strace)" >&2
}

# A program of tests/Integration, built as it is shipped.
run_release() { # name, arguments...
  dotnet build tests/Integration --configuration Release --nologo --verbosity quiet -clp:NoSummary >&2 || exit 1
  exec dotnet run --project tests/Integration --configuration Release --no-build -- "$@"
}

# A command that passes or fails as one. What it printed is shown when it fails.
stage() { # name, command...
  local name="$1" start=$SECONDS
  mkdir -p "$LOGS"
  shift
  if "$@" > "$LOGS/stage" 2>&1; then
    passed=$((passed + 1))
    printf '%-28s ok      %4d s\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    cat "$LOGS/stage"
    printf '%-28s FAILED  %4d s\n' "$name" $((SECONDS - start))
  fi
}

# A test project: its tests are counted one by one.
tests() { # name, project, arguments of dotnet test
  local name="$1" start=$SECONDS
  mkdir -p "$LOGS"
  shift
  dotnet test "$@" --no-build --nologo > "$LOGS/tests" 2>&1
  tested "$name" $? "$start" "$LOGS/tests"
}

# The same, beside what comes next, until joined is called.
tests_beside() { # name, project, arguments of dotnet test
  beside_name="$1" beside_start=$SECONDS
  mkdir -p "$LOGS"
  shift
  dotnet test "$@" --no-build --nologo > "$LOGS/beside" 2>&1 &
  beside=$!
}

joined() {
  wait "$beside"
  tested "$beside_name" $? "$beside_start" "$LOGS/beside"
}

tested() { # name, exit status, start, output
  [ "$2" -eq 0 ] || grep -vE '^ +at (Xunit|System)' "$4"
  count "$1" "$2" "$3" "$4" 's/.*Failed: *([0-9]+), Passed: *([0-9]+), Skipped: *([0-9]+).*/\2 \1 \3/p'
}

# A script whose last line is "N passed, N failed" or "N passed, N failed, N skipped".
checks() { # name, script, its arguments
  local name="$1" start=$SECONDS
  mkdir -p "$LOGS"
  shift
  "$@" 2>&1 | tee "$LOGS/tests"
  count "$name" "${PIPESTATUS[0]}" "$start" "$LOGS/tests" 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p'
}

count() { # name, exit status, start, output, pattern that makes "passed failed skipped" of the closing line
  local p f s
  read -r p f s < <(sed -nE "$5" "$4" | tail -n 1)
  if [ -z "${p:-}" ]; then
    p=0 f=1
  elif [ "$2" -ne 0 ] && [ "$f" -eq 0 ]; then
    f=1
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
  printf '%-28s %s  %4d s, %d passed, %d failed\n' "$1" "$([ "$f" -eq 0 ] && echo 'ok    ' || echo FAILED)" $((SECONDS - $3)) "$p" "$f"
}

finish() {
  rm -rf "$LOGS"
  echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
  [ "$failed" -eq 0 ]
}
