using System.Diagnostics;
using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>nginx with WebDAV: no signature, no hash, no sync.</summary>
internal sealed class Nginx(string directory) : Contestant("nginx", directory)
{
    public override string UploadMethod => "PUT";

    public override string Upload(Guid blob) => $"/{blob}";

    public override string Download(Guid blob) => $"/{blob}";

    protected override string Deletion(Guid blob) => $"/{blob}";

    protected override string Probe => "/";

    protected override ProcessStartInfo Command(int port)
    {
        Directory.CreateDirectory(Path.Combine(Home, "data"));
        Directory.CreateDirectory(Path.Combine(Home, "tmp"));
        var file = Path.Combine(Home, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            worker_processes 2;
            pid nginx.pid;
            error_log log;
            daemon off;
            events { worker_connections 1024; }
            http {
                access_log log;
                sendfile on;
                tcp_nopush on;
                keepalive_requests 1000000000;
                client_max_body_size 0;
                client_body_temp_path tmp;
                types { }
                server {
                    listen 127.0.0.1:{{port}};
                    root data;
                    location / { dav_methods PUT DELETE; }
                }
            }
            """));
        return new ProcessStartInfo("nginx", ["-p", Home, "-c", file, "-e", LogFile]);
    }
}
