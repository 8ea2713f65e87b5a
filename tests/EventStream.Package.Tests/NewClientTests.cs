namespace EventStream.Package.Tests;

/// <summary>The package of the client in a new console app, against the package of the server in a new web app.</summary>
public sealed class NewClientTests(NewServer server, NewClient client) : IClassFixture<NewClient>
{
    private const string Expected = "42: tick 42\n43: tick 43\nQuote { Symbol = OAK, Price = 101 }\n";

    [Fact(Timeout = 60_000)]
    public async Task Read_TextFromAPositionAndJson_ArriveWhileTheStreamIsOpen() => (await RunAsync(client.Assembly)).Should().Be(Expected);

    [Fact(Timeout = 60_000)]
    public async Task Read_Trimmed_TheSame()
    {
        (await RunAsync(Path.Combine(client.TrimmedFolder, "App.dll"))).Should().Be(Expected);

        SizeIn(client.TrimmedFolder)
            .Should().BeLessThan(SizeIn(Path.GetDirectoryName(client.Assembly)!), "what the app does not use is gone");
    }

    [Fact(Timeout = 60_000)]
    public async Task Trimmer_OfTheAppAndItsPackage_HasNothingToWarnOf() => client.TrimmerOutput.Split('\n')
        .Where(line => line.Contains("warning IL", StringComparison.Ordinal))
        .Should().NotContain(
            line => line.Contains("EventStream.", StringComparison.Ordinal) || line.Contains("Program", StringComparison.Ordinal));

    private async Task<string> RunAsync(string assembly)
    {
        await using var running = await RunningApp.StartAsync(server);
        var output = await DotNet.RunAsync(client.Folder, assembly, running.Client.BaseAddress!.ToString(), "41", "43");
        return output.ReplaceLineEndings("\n");
    }

    private static long SizeIn(string folder) => new FileInfo(Path.Combine(folder, "EventStream.Client.dll")).Length;
}
