# services.borderless: the server under systemd, hardened as examples/borderless.service is.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.borderless;
  credentials = lib.filterAttrs (_: file: file != null) {
    presign_api_key = cfg.presignApiKeyFile;
    presign_hmac_secret = cfg.presignHmacSecretFile;
    signing_keys = cfg.signingKeysFile;
    api_keys = cfg.apiKeysFile;
    receipt_key = cfg.receiptKeyFile;
  };
  secretFile = what: lib.mkOption {
    type = lib.types.nullOr lib.types.str;
    default = null;
    example = "/run/secrets/borderless";
    description = "File that holds ${what}. Only root must be able to read it; it never enters the Nix store.";
  };
in
{
  options.services.borderless = {
    enable = lib.mkEnableOption "the Borderless object store";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package that holds bin/borderless-web.";
    };

    settings = lib.mkOption {
      type = lib.types.submodule {
        freeformType = with lib.types; attrsOf (oneOf [ bool int str (listOf str) ]);
        options = {
          ip_addr = lib.mkOption {
            type = lib.types.str;
            default = "127.0.0.1:3000";
            example = "unix:/run/borderless/http.sock";
            description = "Where to listen.";
          };
          domain = lib.mkOption {
            type = lib.types.str;
            example = "https://blobs.example.com";
            description = "Origin of minted URLs.";
          };
          data_dir = lib.mkOption {
            type = lib.types.str;
            default = "/var/lib/borderless";
            description = "Directory of the stored bytes; another one must be added to ReadWritePaths and belong to the service.";
          };
          shutdown_grace_secs = lib.mkOption {
            type = lib.types.ints.between 0 86400;
            default = 30;
            description = "How long requests in flight may go on after a signal to stop.";
          };
        };
      };
      default = { };
      description = "The settings of the file, by their names in it; secrets do not belong here, for the Nix store is readable to all.";
    };

    presignApiKeyFile = secretFile "presign_api_key";
    presignHmacSecretFile = secretFile "presign_hmac_secret";
    signingKeysFile = secretFile "signing_keys";
    apiKeysFile = secretFile "api_keys";
    receiptKeyFile = secretFile "receipt_key";
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.presignApiKeyFile != null || cfg.apiKeysFile != null;
        message = "services.borderless needs presignApiKeyFile or apiKeysFile";
      }
    ];

    systemd.services.borderless = {
      description = "Object store";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      wantedBy = [ "multi-user.target" ];
      startLimitIntervalSec = 60;
      startLimitBurst = 5;
      environment = {
        DOTNET_EnableDiagnostics = "0";
      } // lib.mapAttrs' (name: _: lib.nameValuePair (lib.toUpper name + "_FILE") "%d/${name}") credentials;
      serviceConfig = import ./hardening.nix // {
        Type = "notify";
        ExecStart = "${cfg.package}/bin/borderless-web --config ${(pkgs.formats.toml { }).generate "borderless.toml" cfg.settings}";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        Restart = "on-failure";
        RestartSec = "2s";
        RestartPreventExitStatus = 2;
        TimeoutStopSec = cfg.settings.shutdown_grace_secs + 30;
        LimitNOFILE = 65536;
        DynamicUser = true;
        StateDirectory = "borderless";
        StateDirectoryMode = "0700";
        LogsDirectory = "borderless";
        LogsDirectoryMode = "0700";
        RuntimeDirectory = "borderless";
        LoadCredential = lib.mapAttrsToList (name: file: "${name}:${file}") credentials;
      };
    };
  };
}
