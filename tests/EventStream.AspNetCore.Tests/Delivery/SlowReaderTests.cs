using System.Globalization;
using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Clients that read late, slowly or never, through sockets that hold a few KB.</summary>
public sealed class SlowReaderTests
{
    private const int Messages = 40;

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task Source_ClientReadsLate_HeadersAndMessagesAreExact(Output output)
    {
        var taken = 0;
        await using var app = await StartAsync(
            output, app => app.MapGet("/source", () => Results.EventStream(Numbers(), o => o.Retry = null)));
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = new ResponseReader(connection);
        await connection.SendAsync(Get("/source", "Accept: text/event-stream\r\nConnection: close\r\n"));
        await Soon.Until(() => Volatile.Read(ref taken) > 0);

        var body = await reader.ReadTextAsync();

        body.Should().Be(string.Concat(Enumerable.Range(0, Messages).Select(number => $"data: {Text(number)}\n\n")));
        (await reader.ReadToEndAsync()).Should().BeEmpty();

        async IAsyncEnumerable<EventStreamMessage> Numbers()
        {
            for (var number = 0; number < Messages; number++)
            {
                Interlocked.Increment(ref taken);
                yield return new() { Data = Text(number) };
            }

            await Task.CompletedTask;
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task Channel_ClientsReadLate_MessagesThatWerePublishedMeanwhileAreExact(Output output)
    {
        await using var app = await StartAsync(output);
        var channel = app.GetChannel("news");
        using var first = await app.ConnectAsync(receiveBuffer: 4096);
        using var second = await app.ConnectAsync(receiveBuffer: 4096);
        RawConnection[] clients = [first, second];
        foreach (var client in clients) await client.SendAsync(Get("/news", "Accept: text/event-stream\r\n"));
        ResponseReader[] readers = [.. clients.Select(client => new ResponseReader(client))];
        foreach (var reader in readers)
        {
            (await reader.ReadStartAsync()).Should().Be(ChannelApp.Position(channel.Newest!.Value.ToString()));
        }

        var expected = new StringBuilder();
        var id = "";
        for (var number = 0; number < Messages; number++)
        {
            id = await channel.SayAsync(Text(number));
            expected.Append(ChannelApp.Frame(id, Text(number)));
        }

        await channel.CompleteAsync();
        expected.Append(ChannelApp.End(id));

        var bodies = await Task.WhenAll(readers.Select(reader => reader.ReadChunksAsync())).OrFail();

        bodies.Should().OnlyContain(body => Encoding.UTF8.GetString(body) == expected.ToString());
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task WriteTimeout_ClientReadsNothing_StreamEndsWithTheSameReason(Output output)
    {
        await using var app = await StartAsync(output);
        var channel = app.GetChannel("news");
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        await connection.SendAsync(Get("/news", "Accept: text/event-stream\r\n"));
        await Soon.Until(() => channel.SubscriberCount == 1);

        for (var number = 0; number < 60; number++) await channel.SayAsync(Text(number));
        await Soon.Until(() => channel.Lag > 0);
        app.Time.Advance(TimeSpan.FromSeconds(29));
        channel.SubscriberCount.Should().Be(1, "it has still time to read");

        await app.AdvanceUntilAsync(Soon.Until(() => channel.SubscriberCount == 0), TimeSpan.FromSeconds(1));
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: ReaderStalled.")));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Each))]
    public async Task MinResponseDataRate_ClientReadsNothing_KestrelCutsIt(Output output)
    {
        // One chunk, which is more than the connection holds.
        var source = new DrivenSource();
        await using var app = await StartAsync(
            output,
            app => app.MapGet("/source", () => Results.EventStream(source.Messages(), o => o.Retry = null)),
            server => server.ConfigureKestrel(kestrel =>
                kestrel.Limits.MinResponseDataRate = new MinDataRate(10_000_000, TimeSpan.FromSeconds(2))));
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = new ResponseReader(connection);
        await connection.SendAsync(Get("/source", "Accept: text/event-stream\r\n"));
        await reader.ReadHeadAsync();

        source.Send(new() { Data = new string('x', 200_000) });

        // The fake clock stands still, so it is not the stream's own timeout.
        await source.Ended.OrFail();
        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Id == 28 && entry.Category.Contains("Kestrel")), "its log of the cut");
        (await reader.ReadToEndAsync()).Length.Should().BeLessThan(200_000);
    }

    private static Task<TestApp> StartAsync(
        Output output, Action<WebApplication>? map = null, Action<IWebHostBuilder>? server = null) => TestApp.StartAsync(
        app =>
        {
            map?.Invoke(app);
            app.MapEventStream("/news", "news");
        },
        services => services.AddEventStreams(o => o.Retry = null).AddChannel("news"),
        server: builder =>
        {
            builder.Use(output).UseTinyBuffers();
            server?.Invoke(builder);
        });

    // Below and above the size of a block, of the buffers, and of a flush that leaves at once.
    private static string Text(int number) =>
        $"{number} {new string((char)('a' + (number % 26)), number * 7919 % 20_000)}".ToString(CultureInfo.InvariantCulture);
}
