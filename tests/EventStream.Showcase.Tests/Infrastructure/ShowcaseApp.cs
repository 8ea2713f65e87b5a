using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Showcase;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>The showcase on Kestrel, on a free port of the loopback address.</summary>
internal sealed class ShowcaseApp : WebApplicationFactory<Program>
{
    private readonly Pace? _pace;
    private readonly string? _database;

    private ShowcaseApp(Pace? pace, string? database) => (_pace, _database) = (pace, database);

    public Uri Address => ClientOptions.BaseAddress;

    /// <summary>Starts it.</summary>
    /// <param name="pace">Its pace; null, the default, is ten beats a second.</param>
    /// <param name="database">The connection string of the database that its channels are in; null, the default, is memory.</param>
    public static ShowcaseApp Start(Pace? pace = null, string? database = null)
    {
        var app = new ShowcaseApp(pace, database);
        app.UseKestrel();
        app.StartServer();
        return app;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // UseKestrel(0) sets the port while the app starts, and sometimes too late (dotnet/aspnetcore#67714).
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("Showcase:Pace", "00:00:00.1");
        builder.UseSetting("EventStreams:Retry", "00:00:00.1");
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        if (_database is not null) builder.UseSetting("ConnectionStrings:Streams", _database);
        if (_pace is not null) builder.ConfigureTestServices(services => services.AddSingleton(_pace));
    }
}
