#!/usr/bin/env bash
# Parses the Nix files, and evaluates what needs no nixpkgs: the hardening against that of examples/borderless.service, and the module's
# service with a few functions in the place of nixpkgs' own. Nothing is built. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
FILES="flake.nix shell.nix nix/package.nix nix/image.nix nix/hardening.nix nix/module.nix"

if ! need nix-instantiate nix-bin; then
  echo "nix-instantiate is missing and could not be installed (Debian: apt-get install nix-bin)" >&2
  skipped=11
  finish
  exit
fi

WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT
evaluate() { nix-instantiate --store dummy:// --eval --strict --json "$@"; }

# What of nixpkgs the module calls, as plainly as it can be: options are left as they are, and what is set is config.
cat > "$WORK/service.nix" <<'E2'
{ module }:
let
  attrs = f: set: builtins.listToAttrs (builtins.concatMap (name: f name set.${name}) (builtins.attrNames set));
  lib = {
    mkOption = option: option;
    mkEnableOption = what: what;
    mkIf = condition: value: assert condition; value;
    literalExpression = text: text;
    nameValuePair = name: value: { inherit name value; };
    filterAttrs = keep: attrs (name: value: if keep name value then [ { inherit name value; } ] else [ ]);
    mapAttrs' = make: attrs (name: value: [ (make name value) ]);
    mapAttrsToList = make: set: map (name: make name set.${name}) (builtins.attrNames set);
    toUpper = builtins.replaceStrings
      [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ]
      [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ];
    types = {
      nullOr = type: type; str = "str"; int = "int"; bool = "bool"; package = "package";
      submodule = options: options; attrsOf = type: type; oneOf = types: types; listOf = type: type;
      ints.between = least: most: "int";
    };
  };
  pkgs = {
    coreutils = "/coreutils";
    callPackage = file: arguments: file;
    formats.toml = { }: { generate = name: value: "/store/${name}"; };
  };
  made = import module {
    inherit lib pkgs;
    config.services.borderless = {
      enable = true;
      package = "/package";
      settings = { ip_addr = "127.0.0.1:3000"; shutdown_grace_secs = 40; };
      presignApiKeyFile = "/keys/api";
      presignHmacSecretFile = "/keys/hmac";
      signingKeysFile = null;
      apiKeysFile = null;
      receiptKeyFile = null;
    };
  };
in
{
  options = builtins.attrNames made.options.services.borderless;
  service = made.config.systemd.services.borderless;
  holds = map (one: one.assertion) made.config.assertions;
}
E2

# The unit's lines from its hardening on, as JSON: yes is true, numbers are numbers, what stands twice is a list.
hardening_of_unit() {
  python3 - <<'E2'
import json, re
unit = open("examples/borderless.service").read()
lines = re.search(r"# It needs its state.*?\n(.*?)\n\n", unit, re.S)[1].splitlines()
made = {}
for key, value in (line.split("=", 1) for line in lines if not line.startswith("Environment=")):
    plain = {"yes": True, "no": False}.get(value, int(value) if re.fullmatch("0|[1-9][0-9]*", value) else value)
    made[key] = plain if key not in made else [made[key], plain]
print(json.dumps(made, sort_keys=True))
E2
}
sorted_json() { python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin), sort_keys=True))'; }
hardening_agrees() { diff <(hardening_of_unit | tr , '\n') <(evaluate nix/hardening.nix | sorted_json | tr , '\n'); }

service() { evaluate "$WORK/service.nix" --arg module "$PWD/nix/module.nix" > "$WORK/service.json"; }
told() { python3 -c "import json; made = json.load(open('$WORK/service.json')); s = made['service']; c = s['serviceConfig']; assert $1, made"; }

# The image is the Dockerfile's: what both say of user, port, variables and health.
image_agrees() {
  local word
  for word in 'User = "1654"' '"IP_ADDR=0.0.0.0:8080"' '"DATA_DIR=/data"' '"DOTNET_EnableDiagnostics=0"' '"8080/tcp"' 'Volumes."/data"' '"/bin/borderless-web" "health"'; do
    grep -qF "$word" nix/image.nix || { echo "nix/image.nix lacks $word"; return 1; }
  done
  grep -qx 'USER 1654' Dockerfile && grep -qx 'EXPOSE 8080' Dockerfile && grep -qx 'VOLUME /data' Dockerfile
}

for file in $FILES; do
  stage "$file"                      nix-instantiate --parse "$file"
done
if need python3 python3; then
  stage "hardening is the unit's"    hardening_agrees
  stage "the module's service"       service
  stage "secrets are credentials"    told 'c["LoadCredential"] == ["presign_api_key:/keys/api", "presign_hmac_secret:/keys/hmac"] and s["environment"]["PRESIGN_API_KEY_FILE"] == "%d/presign_api_key" and "API_KEYS_FILE" not in s["environment"]'
  stage "it stops after the grace"   told 'c["TimeoutStopSec"] == 70 and c["Type"] == "notify" and c["DynamicUser"] is True and made["holds"] == [True]'
else
  skipped=4
fi
stage "the image is the Dockerfile's" image_agrees
finish
