using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class FlushTests
{
    [Fact(Timeout = 30_000)]
    public async Task ProducerBlocks_BetweenTwoMessages_FirstIsOnItsWay()
    {
        using var gate = new ManualResetEventSlim();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Blocking(gate))));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        (await stream.ReadAsync("data: first\n\n")).Should().Be("data: first\n\n");
        gate.Set();
        (await stream.ReadAsync("data: second\n\n")).Should().Be("data: second\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task FlushWhenIdle_SourceIsReadyAtOnce_OneChunkForAll()
    {
        var chunks = await ChunksAfterHeadersAsync(flushWhenIdle: true);

        chunks.Should().Equal("data: 0\n\ndata: 1\n\ndata: 2\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task FlushWhenIdle_Off_AChunkAMessage()
    {
        var chunks = await ChunksAfterHeadersAsync(flushWhenIdle: false);

        chunks.Should().Equal("data: 0\n\n", "data: 1\n\n", "data: 2\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task FlushWhenIdle_SourceWaits_WhatIsThereLeavesFirst()
    {
        var source = new DrivenSource();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(source.Messages(), o => o.FlushWhenIdle = true)));
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        source.Send(new() { Data = "first" });

        (await stream.ReadAsync("data: first\n\n")).Should().Be("data: first\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task FlushWhenIdle_SourceNeverWaits_StillFlushedOnTheWay()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Endless(), o => o.FlushWhenIdle = true)));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadAsync(100_000)).Should().HaveLength(100_000);
    }

    [Fact(Timeout = 30_000)]
    public async Task FlushWhenIdle_EmptyMessagesFollow_WhatIsThereLeaves()
    {
        using var source = new Restless(new());
        var messages = source.Messages().Prepend(new() { Data = "second" }).Prepend(new() { Data = "first" });
        await using var app = await TestApp.StartAsync(app =>
            app.MapGet("/", () => Results.EventStream(messages, o => (o.FlushWhenIdle, o.Retry) = (true, null))));
        using var stream = await app.OpenAsync("/");

        // The first message leaves with the headers, so the second is the one that could be held.
        (await stream.ReadAsync("data: first\n\ndata: second\n\n")).Should().Be("data: first\n\ndata: second\n\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StepCompletes_AMomentAfterItWasLookedAt_NothingIsLost(bool whenIdle)
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(new LateSource(100), o => o.FlushWhenIdle = whenIdle)));
        using var stream = await app.OpenAsync("/");

        var messages = await stream.ReadMessagesToEndAsync();

        messages.Should().Be(string.Concat(Enumerable.Range(0, 100).Select(number => $"data: message {number}\n\n")));
        app.Log.Entries.Should().Contain(entry => entry.Message.EndsWith("ended: Finished."));
    }

    /// <summary>The chunks of a chunked response, which are its flushes, from a source of three messages.</summary>
    /// <remarks>
    /// The source starts when the headers have arrived. A message that is ready earlier leaves with them, in a chunk of its own.
    /// </remarks>
    private static async Task<List<string>> ChunksAfterHeadersAsync(bool flushWhenIdle)
    {
        var headers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            After(headers.Task, 3),
            o => (o.FlushWhenIdle, o.Retry) = (flushWhenIdle, null))));
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(app.Address.Host, app.Address.Port);
        using var reader = new StreamReader(socket.GetStream());
        await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        while (await reader.ReadLineAsync().OrFail() is not "")
        {
        }

        headers.SetResult();
        var body = await reader.ReadToEndAsync().OrFail();
        List<string> chunks = [];
        for (var at = 0; ;)
        {
            var lineEnd = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            var length = Convert.ToInt32(body[at..lineEnd], 16);
            if (length == 0) return chunks;
            chunks.Add(body.Substring(lineEnd + 2, length));
            at = lineEnd + 2 + length + 2;
        }
    }

    private static async IAsyncEnumerable<EventStreamMessage> Blocking(ManualResetEventSlim gate)
    {
        yield return new() { Data = "first" };
        gate.Wait(Soon.Limit);
        yield return new() { Data = "second" };
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<EventStreamMessage> After(Task start, int count)
    {
        await start;
        for (var i = 0; i < count; i++) yield return new() { Data = $"{i}" };
    }

    private static async IAsyncEnumerable<EventStreamMessage> Endless()
    {
        while (true) yield return new() { Data = "more" };
#pragma warning disable CS0162 // An iterator needs an await; this source has none on purpose.
        await Task.CompletedTask;
#pragma warning restore CS0162
    }
}
