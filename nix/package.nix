# The server, for the ASP.NET Core runtime of nixpkgs.
#
# Nix builds without a network, so every NuGet package must be named with its hash. That list is made by a machine:
#   nix build .#fetch-deps && ./result nix/deps.json && git add nix/deps.json
# It is not in the repository, for it can be made only where Nix has a network; until it is there, the package says so.
{ lib, buildDotnetModule, dotnetCorePackages }:
let
  deps = ./deps.json;
in
buildDotnetModule {
  pname = "borderless-web";
  version = lib.head (builtins.match ".*<Version>([^<]*)</Version>.*" (builtins.readFile ../Directory.Build.props));
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [ ../src ../Directory.Build.props ../Directory.Packages.props ../global.json ../.editorconfig ];
  };
  projectFile = "src/Web/Borderless.Web.csproj";
  nugetDeps = if builtins.pathExists deps then deps else lib.warn "nix/deps.json is missing: nix build .#fetch-deps && ./result nix/deps.json" [ ];
  dotnet-sdk = dotnetCorePackages.sdk_10_0;
  dotnet-runtime = dotnetCorePackages.aspnetcore_10_0;
  executables = [ "borderless-web" ];
  meta = {
    description = "A small object store behind pre-signed URLs";
    license = with lib.licenses; [ mit asl20 ];
    mainProgram = "borderless-web";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
