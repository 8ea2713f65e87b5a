using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EventStream.PostgreSql.Tests.Runs;

/// <summary>A run whose node loses its connections to the database again and again.</summary>
[Collection(nameof(Alone))]
public sealed class LostConnectionTests(SharedServer server, ITestOutputHelper output)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 120_000)]
    public async Task Run_ConnectionsAreKilledAndAnswersAreLost_EachMessageComesOnceInOrderAndTheRunCompletes()
    {
        var database = await server.CreateDatabaseAsync();
        await using var proxy = new CuttingProxy(database);
        await using var outside = await LogNode.StartAsync(database);
        LogLines logs = new();
        await using var owner = await StartAsync(proxy.ConnectionString, logs);
        await using var other = await StartAsync(database, new());
        var (yielded, isOver) = (0, false);
        var run = await owner.Services.GetRequiredService<EventStreamHub>().Run("orders/1", (_, stop) => CountAsync(stop)).StartAsync();
        var reading = Task.WhenAll(ReadAsync(owner), ReadAsync(other));

        var (started, cuts) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(started) < Duration || !IsOneStored(); cuts++)
        {
            // Each way in turn: a commit is done and its answer lost, and all sessions are killed.
            if (cuts % 2 == 0) proxy.Cut(commits: 1);
            else await outside.CutAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(150));
        }

        proxy.Cut(commits: 0);
        Volatile.Write(ref isOver, true);

        var found = logs.Of(61);
        var read = await reading.OrFail();
        output.WriteLine(
            $"{cuts} cuts, {yielded} messages, {found.Count} appends failed: "
            + $"{found.Count(line => line.Contains("log: True"))} were stored");
        run.IsNew.Should().BeTrue();
        foreach (var numbers in read) numbers.Should().Equal(Enumerable.Range(1, yielded));
        (await outside.Log.ReadRunsAsync(["orders/1"], CancellationToken.None))
            .Should().ContainSingle().Which.State.Should().Be(EventStreamRunState.Complete);

        bool IsOneStored() => logs.Of(61).Any(line => line.Contains("log: True"));

        async IAsyncEnumerable<EventStreamMessage> CountAsync([EnumeratorCancellation] CancellationToken stop)
        {
            while (!Volatile.Read(ref isOver))
            {
                yield return new() { Data = $"{++yielded}" };
                await Task.Delay(1, stop);
            }
        }
    }

    private static async Task<int[]> ReadAsync(WebApplication app)
    {
        List<int> numbers = [];
        var channel = app.Services.GetRequiredService<EventStreamHub>().GetChannel("orders/1");
        await foreach (var message in channel.ReadAsync(subscription: new() { Start = EventStreamStart.Oldest }))
        {
            numbers.Add(int.Parse(message.Data));
        }

        return [.. numbers];
    }

    private static async Task<WebApplication> StartAsync(string database, LogLines logs)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Services.AddEventStreams().AddChannel("orders/{id}").AddPostgreSql(database);
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }
}
