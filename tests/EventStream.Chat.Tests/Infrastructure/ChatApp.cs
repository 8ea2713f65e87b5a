using Chat.Model;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;

namespace EventStream.Chat.Tests.Infrastructure;

/// <summary>The sample as one node in memory, on a free port of the loopback address.</summary>
internal sealed class ChatApp : WebApplicationFactory<Program>
{
    private readonly Pace _pace;

    private ChatApp(Pace pace) => _pace = pace;

    public Uri Address => ClientOptions.BaseAddress;

    public EventStreamHub Hub => Services.GetRequiredService<EventStreamHub>();

    public static ChatApp Start(Pace pace)
    {
        var app = new ChatApp(pace);
        app.UseKestrel();
        app.StartServer();
        return app;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // UseKestrel(0) sets the port while the app starts, and sometimes too late (dotnet/aspnetcore#67714).
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        builder.ConfigureTestServices(services => services.AddSingleton(_pace));
    }
}
