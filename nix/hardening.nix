# What examples/borderless.service says below "It needs its state", setting by setting; scripts/nix.sh holds the two together.
{
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  DevicePolicy = "closed";
  KeyringMode = "private";
  LimitCORE = 0;
  LockPersonality = true;
  NoNewPrivileges = true;
  PrivateDevices = true;
  PrivateMounts = true;
  PrivateTmp = true;
  PrivateUsers = true;
  ProcSubset = "pid";
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHome = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  ProtectSystem = "strict";
  RemoveIPC = true;
  RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX";
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [ "@system-service" "~@privileged" ];
  UMask = "0077";
}
