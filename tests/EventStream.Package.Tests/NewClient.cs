namespace EventStream.Package.Tests;

/// <summary>A new console app that uses the client's package, as it is built and as the trimmer leaves it.</summary>
public sealed class NewClient() : NewApp("Microsoft.NET.Sdk", ["EventStream.Client"], Program, "<IsAotCompatible>true</IsAotCompatible>")
{
    private const string Program = """
        using System.Text.Json;
        using System.Text.Json.Serialization;

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(args[0]) };

        await foreach (var tick in http.ReadEventStreamAsync("/", new() { LastEventId = args[1] }))
        {
            Console.WriteLine($"{tick.LastEventId}: {tick.Data}");
            if (tick.LastEventId == args[2]) break;
        }

        await foreach (var quote in http.ReadEventStreamAsync("/quotes", QuoteJson.Default.Quote))
        {
            Console.WriteLine(quote.Data);
            break;
        }

        internal sealed record Quote(string Symbol, int Price);

        [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
        [JsonSerializable(typeof(Quote))]
        internal sealed partial class QuoteJson : JsonSerializerContext;
        """;

    public string TrimmedFolder => Path.Combine(Folder, "trimmed");

    /// <summary>What the trimmer said, of the framework too.</summary>
    public string TrimmerOutput { get; private set; } = "";

    protected override async Task BuildAsync()
    {
        await base.BuildAsync();
        await TrimAsync();
    }

    // Calls the trimmer itself. `dotnet publish` trims only an app that contains the framework, and takes that from a runtime pack which
    // neither the SDK nor this repository has.
    private async Task TrimAsync()
    {
        var output = Path.GetDirectoryName(Assembly)!;
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trimmer = Directory.GetFiles(
            Path.Combine(Folder, "packages", "microsoft.net.illink.tasks"), "illink.dll", SearchOption.AllDirectories).Single();
        var all = Directory.CreateDirectory(Path.Combine(Folder, "all"));
        TrimmerOutput = await DotNet.RunAsync(
            Folder,
            [
                trimmer, "-a", Assembly, "entrypoint", "-d", output, "-d", framework, "-out", all.FullName,
                "--trim-mode", "copyused", "--action", "link", "App", "--action", "link", "EventStream.Client",
            ]);

        // The framework stays whole, and is the machine's.
        Directory.CreateDirectory(TrimmedFolder);
        foreach (var assembly in (string[])["App.dll", "EventStream.Client.dll"])
        {
            File.Move(Path.Combine(all.FullName, assembly), Path.Combine(TrimmedFolder, assembly));
        }

        File.Copy(Path.Combine(output, "App.runtimeconfig.json"), Path.Combine(TrimmedFolder, "App.runtimeconfig.json"));
    }
}
