namespace EventStream.Package.Tests;

/// <summary>What a newcomer does: a new app, the one package, no using directive, and a client that reads.</summary>
public sealed class NewServerTests(NewServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Stream_FromANewAppWithThePackage_MessagesArriveWhileItIsOpen()
    {
        await using var running = await RunningApp.StartAsync(server);

        using var response = await running.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());

        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        (await ReadLinesAsync(stream, 10)).Should().StartWith("retry: ")
            .And.EndWith("\nid: 1\ndata: tick 1\n\nid: 2\ndata: tick 2\n\nid: 3\ndata: tick 3\n\n");
    }

    [Fact(Timeout = 60_000)]
    public async Task Stream_WithAPosition_ResumesAfterIt()
    {
        await using var running = await RunningApp.StartAsync(server);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Last-Event-ID", "41" } } };

        using var response = await running.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());

        (await ReadLinesAsync(stream, 4)).Should().EndWith("\nid: 42\ndata: tick 42\n\n");
    }

    private static async Task<string> ReadLinesAsync(StreamReader stream, int count)
    {
        var text = "";
        for (var line = 0; line < count; line++)
        {
            text += await stream.ReadLineAsync().OrFail($"more of the stream; so far there is '{text}'") + "\n";
        }

        return text;
    }
}
