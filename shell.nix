# nix-shell: what the scripts need. flake.nix has the same.
{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  packages = with pkgs; [ dotnet-sdk_10 curl openssl python3 nodejs strace sqlite ];
  env.DOTNET_CLI_TELEMETRY_OPTOUT = "1";
}
