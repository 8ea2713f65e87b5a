using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EventStream.Package.Tests;

/// <summary>A new app with channels, a log on demand and a client, as <c>dotnet publish</c> makes it for a machine without .NET.</summary>
/// <remarks>It is published only for the long tests, because that takes minutes.</remarks>
/// <param name="property">The property of the project that says how: <c>PublishAot</c> or <c>PublishTrimmed</c>.</param>
public abstract class PublishedApp(string property) : NewApp(
    "Microsoft.NET.Sdk.Web",
    ["EventStream.Client", "EventStream.PostgreSql"],
    Program,
    $"<UseAppHost>true</UseAppHost><{property}>true</{property}><TrimmerSingleWarn>false</TrimmerSingleWarn>")
{
    private const string Program = """
        using System.Text.Json;
        using System.Text.Json.Serialization;

        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, QuoteJson.Default));
        var streams = builder.Services.AddEventStreams(builder.Configuration.GetSection("EventStreams"));
        if (builder.Configuration.GetConnectionString("Streams") is { } database) streams.AddPostgreSql(database);

        var app = builder.Build();
        app.MapEventStream<Quote>("/prices", "prices");
        app.MapPost("/prices", async (Quote quote, IEventStreamPublisher publisher) =>
        {
            await publisher.PublishAsync("prices", quote, eventName: "quote");
        });
        app.MapGet("/read-in-the-process", async (EventStreamHub hub) =>
            Results.Text($"{(await hub.GetChannel("prices").ReadAsync().FirstAsync()).ReadFromJson<Quote>()}"));
        app.MapGet("/read-by-the-client", async (HttpRequest request) =>
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://{request.Host}") };
            return Results.Text($"{(await http.ReadEventStreamAsync("/prices", QuoteJson.Default.Quote).FirstAsync()).Data}");
        });
        app.Run();

        internal sealed record Quote(string Symbol, int Price);

        [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
        [JsonSerializable(typeof(Quote))]
        internal sealed partial class QuoteJson : JsonSerializerContext;
        """;

    private const string Settings = """{ "EventStreams": { "Channels": { "prices": { "Start": "Oldest" } } } }""";

    private string PublishFolder => Path.Combine(Folder, "published");

    /// <summary>What <c>dotnet publish</c> printed.</summary>
    public string PublishOutput { get; private set; } = "";

    public override Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(PublishFolder, "App"), arguments)
        {
            WorkingDirectory = PublishFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    protected override async Task BuildAsync()
    {
        if (!Alone.IsLong) return;
        await WriteAsync("appsettings.json", Settings);
        PublishOutput = await DotNet.RunAsync(
            Folder, "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", PublishFolder);
    }
}

/// <summary>The app compiled to native code.</summary>
public sealed class NativeApp() : PublishedApp("PublishAot");

/// <summary>The app with the framework, without what it does not use.</summary>
public sealed class TrimmedApp() : PublishedApp("PublishTrimmed");
