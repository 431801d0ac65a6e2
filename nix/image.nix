# The same image as the Dockerfile's: user, port, volume, health check.
{ dockerTools, borderless-web }:
dockerTools.buildLayeredImage {
  name = "borderless";
  tag = borderless-web.version;
  contents = [ borderless-web dockerTools.caCertificates ];
  fakeRootCommands = ''
    mkdir -p data tmp
    chown 1654:1654 data
    chmod 0700 data
  '';
  config = {
    Entrypoint = [ "/bin/borderless-web" ];
    User = "1654";
    Env = [ "IP_ADDR=0.0.0.0:8080" "DATA_DIR=/data" "DOTNET_EnableDiagnostics=0" ];
    ExposedPorts."8080/tcp" = { };
    Volumes."/data" = { };
    Healthcheck = {
      Test = [ "CMD" "/bin/borderless-web" "health" ];
      Interval = 30000000000;
      Timeout = 5000000000;
      StartPeriod = 30000000000;
    };
  };
}
