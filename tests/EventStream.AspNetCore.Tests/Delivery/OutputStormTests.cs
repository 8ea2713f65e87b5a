using System.Diagnostics;
using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Random messages through tiny sockets to readers that pause at random.</summary>
[Collection(nameof(Alone))]
public sealed class OutputStormTests
{
    private const int Seed = 18;
    private const int Readers = 6;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Alone.IsLong ? 60 : 5);

    private readonly CountedPools _pools = new();

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 240_000)]
    [MemberData(nameof(Each))]
    public async Task RandomMessages_FromAChannelAndFromSources_EachBodyIsExact(Output output)
    {
        await using (var app = await StartAsync(output))
        {
            var sources = Enumerable.Range(0, Readers).Select(number => ReadSourceAsync(app, number)).ToArray();
            for (var round = 0; !sources.All(source => source.IsCompleted); round++) await ReadChannelAsync(app, round);
            (await Task.WhenAll(sources)).Should().OnlyContain(messages => messages > 0);
            app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
        }

        await _pools.ShouldBeWholeAsync();
    }

    /// <summary>Reads whole streams one after the other on a connection, and returns how many.</summary>
    private static async Task<int> ReadSourceAsync(TestApp app, int number)
    {
        using var connection = await app.ConnectAsync(receiveBuffer: 4096 << (number % 3));
        var reader = new ResponseReader(connection, Pauses(Seed + number));
        var started = Stopwatch.GetTimestamp();
        var streams = 0;
        for (; Stopwatch.GetElapsedTime(started) < Duration; streams++)
        {
            var seed = Seed + (1000 * streams) + number;
            await connection.SendAsync(Get($"/source/{seed}", "Accept: text/event-stream\r\n"));

            var body = await reader.ReadTextAsync();

            var expected = string.Concat(Texts(seed).Select(text => $"data: {text}\n\n"));
            body.Equals(expected, StringComparison.Ordinal).Should().BeTrue(
                "source {0} gave {1} bytes of {2}", seed, body.Length, expected.Length);
        }

        return streams;
    }

    /// <summary>Publishes to several readers of a channel until it is complete.</summary>
    private static async Task ReadChannelAsync(TestApp app, int round)
    {
        var channel = app.Hub().GetChannel($"rooms/{round}");
        var connections = await Task.WhenAll(
            Enumerable.Range(0, Readers).Select(number => app.ConnectAsync(receiveBuffer: 4096 << (number % 3))));
        foreach (var connection in connections)
        {
            await connection.SendAsync(Get($"/rooms/{round}", "Accept: text/event-stream\r\nConnection: close\r\n"));
        }

        var readers = connections.Select((connection, number) => new ResponseReader(connection, Pauses(Seed + round + number))).ToArray();
        foreach (var reader in readers)
        {
            (await reader.ReadStartAsync()).Should().Be(ChannelApp.Position(channel.Newest!.Value.ToString()));
        }

        var expected = new StringBuilder();
        var bodies = Task.WhenAll(readers.Select(reader => reader.ReadChunksAsync()));
        var (id, published) = ("", 0);
        foreach (var text in Texts(Seed + round))
        {
            id = await channel.SayAsync(text);
            expected.Append(ChannelApp.Frame(id, text));
            if (++published % 3 == 0) await Task.Delay(1);
        }

        await channel.CompleteAsync();
        expected.Append(ChannelApp.End(id));
        foreach (var body in await bodies)
        {
            body.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(expected.ToString())).Should().BeTrue(
                "round {0} gave {1} bytes of {2}", round, body.Length, expected.Length);
        }

        foreach (var connection in connections) connection.Dispose();
    }

    private static Func<Task> Pauses(int seed)
    {
        var random = new Random(seed);
        return () => random.Next(20) == 0 ? Task.Delay(random.Next(1, 8)) : Task.CompletedTask;
    }

    /// <summary>Messages from 1 byte to 200 KB, most of them small.</summary>
    private static IEnumerable<string> Texts(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(20, 60);
        for (var i = 0; i < count; i++)
        {
            var length = random.Next(10) switch
            {
                < 6 => random.Next(1, 300),
                < 9 => random.Next(300, 8000),
                _ => random.Next(8000, 200_000) / random.Next(1, 8),
            };
            yield return string.Create(length, random.Next(), static (characters, first) =>
            {
                for (var at = 0; at < characters.Length; at++) characters[at] = (char)('!' + (uint)(first + (at * 31L) + (at >> 7)) % 90);
            });
        }
    }

    private static async IAsyncEnumerable<EventStreamMessage> MessagesAsync(int seed)
    {
        var random = new Random(~seed);
        foreach (var text in Texts(seed))
        {
            // Sometimes the next message is ready at once, and sometimes the stream has to wait for it.
            if (random.Next(3) == 0) await Task.Delay(1);
            yield return new() { Data = text };
        }
    }

    private Task<TestApp> StartAsync(Output output) => TestApp.StartAsync(
        app =>
        {
            app.MapGet("/source/{seed:int}", (int seed) => Results.EventStream(MessagesAsync(seed)));
            app.MapEventStream("/rooms/{room}", "rooms/{room}");
        },
        services =>
        {
            _pools.AddTo(services);
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information))
                .AddEventStreams(o => o.Retry = null)
                .AddChannel("rooms/{room}", c => c.CreateOnSubscribe = true);
        },
        server: server => server.Use(output).UseTinyBuffers());
}
