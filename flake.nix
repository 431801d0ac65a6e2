{
  description = "Borderless.Functional: a small object store behind pre-signed URLs";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      forEach = make: nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = forEach (pkgs: rec {
        default = borderless-web;
        borderless-web = pkgs.callPackage ./nix/package.nix { };
        # Makes nix/deps.json: see nix/package.nix.
        fetch-deps = borderless-web.fetch-deps;
        image = pkgs.callPackage ./nix/image.nix { inherit borderless-web; };
      });
      devShells = forEach (pkgs: { default = import ./shell.nix { inherit pkgs; }; });
      nixosModules.default = ./nix/module.nix;
    };
}
