using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Under TLS and with HTTP/2, streams and large responses are whole, and nothing goes past Kestrel's HTTP.</summary>
public sealed class TlsTests
{
    private const string Three = "id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n";
    private static readonly string Large = string.Concat(Enumerable.Range(0, 700_000).Select(number => $"{number} "));

    public static MatrixTheoryData<Output, string> EachVersion => new(All, ["1.1", "2.0"]);

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(EachVersion))]
    public async Task Tls_StreamAndLargeResponse_AreExactAndNotDirect(Output output, string version)
    {
        using var certificate = SelfSigned();
        await using var app = await TestApp.StartAsync(Map, server: server => server.Use(output).ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            })));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback =
                    (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString(),
            },
        })
        {
            BaseAddress = app.Address,
            DefaultRequestVersion = new Version(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        (await client.GetStringAsync("/is-direct").OrFail()).Should().Be("no", "its bytes must pass the encryption");
        await ShouldServeAsync(client);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task Http2_SeveralStreamsAndLargeResponses_ShareAConnection(Output output)
    {
        var connections = 0;
        await using var app = await TestApp.StartAsync(
            Map,
            http2: true,
            server: server => server.Use(output).ConfigureKestrel(kestrel =>
                kestrel.ConfigureEndpointDefaults(listen => {
                    listen.Protocols = HttpProtocols.Http2;
                    listen.Use(next => connection =>
                    {
                        Interlocked.Increment(ref connections);
                        return next(connection);
                    });
                })));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ShouldServeAsync(app.Client)));

        connections.Should().Be(1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Output.Direct)]
    [InlineData(Output.IoUring)]
    public async Task Http11_WithoutTls_IsDirect(Output output)
    {
        await using var app = await TestApp.StartAsync(Map, server: server => server.Use(output));

        var isDirect = await app.Client.GetStringAsync("/is-direct").OrFail();

        isDirect.Should().Be("yes");
    }

    private static void Map(WebApplication app)
    {
        app.MapIsDirect();
        app.MapGet("/stream", () => Results.EventStream(Numbered.Messages(0, 3), o => o.Retry = null));
        app.MapGet("/large", () => Large);
    }

    private static async Task ShouldServeAsync(HttpClient client)
    {
        var streams = Enumerable.Range(0, 3).Select(_ => client.GetStringAsync("/stream").OrFail()).ToArray();
        (await client.GetStringAsync("/large").OrFail()).Equals(Large, StringComparison.Ordinal).Should().BeTrue();
        foreach (var stream in streams) (await stream).Should().Be(Three);
        (await client.GetStringAsync("/large").OrFail()).Equals(Large, StringComparison.Ordinal).Should().BeTrue();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
    }
}
