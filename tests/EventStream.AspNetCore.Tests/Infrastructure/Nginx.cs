using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A real nginx in front of a server, with all its defaults but for what a test sets.</summary>
public sealed class Nginx : IAsyncDisposable
{
    // Another loopback address than that of the apps, so that none of them can take the port that was free a moment ago.
    private static readonly IPAddress Host = IPAddress.Parse("127.0.0.2");

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private Nginx(Process process, DirectoryInfo folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="upstream">Where it passes the requests on to.</param>
    /// <param name="directives">What is set for its one location, beside <c>proxy_pass</c>.</param>
    public static Task<Nginx> StartAsync(Uri upstream, string directives = "") =>
        StartAsync(upstream.GetLeftPart(UriPartial.Authority), directives, http: "");

    /// <summary>Starts one that chooses among servers.</summary>
    /// <param name="upstream">Where it passes a request on to, which may have variables.</param>
    /// <param name="directives">What is set for its one location, beside <c>proxy_pass</c>.</param>
    /// <param name="http">The upstreams and maps.</param>
    public static async Task<Nginx> StartAsync(string upstream, string directives, string http)
    {
        var folder = Directory.CreateTempSubdirectory("eventstream-nginx-");
        var address = new Uri($"http://{Host}:{FreePort()}");
        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder.FullName, address, upstream, directives, http));
        var process = Process.Start(
            new ProcessStartInfo(Find(), ["-p", folder.FullName, "-c", configuration]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        await Soon.Until(() => process.HasExited || Answers(address), "nginx that listens");
        if (process.HasExited) throw new InvalidOperationException($"nginx did not start: {await errors}");
        return new(process, folder, address);
    }

    /// <summary>The address of a path, for a client that has another base address.</summary>
    public string At(string path) => new Uri(Address, path).AbsoluteUri;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    // One process that stays in the foreground, so that there is one to end, and that needs no right that the tests do not have.
    private static string Configuration(string folder, Uri address, string upstream, string directives, string http) => $$"""
        daemon off;
        master_process off;
        pid {{folder}}/nginx.pid;
        error_log stderr;
        events { }
        http {
            access_log off;
            client_body_temp_path {{folder}}/body;
            proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi;
            uwsgi_temp_path {{folder}}/uwsgi;
            scgi_temp_path {{folder}}/scgi;
            {{http}}
            server {
                listen {{address.Host}}:{{address.Port}};
                location / {
                    {{directives}}
                    proxy_pass {{upstream}};
                }
            }
        }
        """;

    private static string Find() =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/usr/local/sbin").Split(':')
            .Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException(
            "These tests need a real nginx, and there is none on the PATH. "
            + "Install it (on Debian: apt-get install nginx-light), or run ./test, which does.");

    private static int FreePort()
    {
        using var listener = new TcpListener(Host, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Answers(Uri address)
    {
        try
        {
            using var client = new TcpClient(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
