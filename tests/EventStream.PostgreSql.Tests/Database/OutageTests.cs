using EventStream.PostgreSql.Hosting;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Database;

public sealed class OutageTests
{
    [Fact(Timeout = 120_000)]
    public async Task Outage_FromItsBeginningToItsEnd_IsSaidOnceAndLosesNothing()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        var first = (await node.AppendAsync(Message("news", "a")))[0];
        var append = () => node.AppendAsync(Message("news", "b"));
        var read = () => node.ReadAsync("news");

        await server.StopAsync(immediate: true);
        time.Advance(Silence);
        for (var i = 0; i < 3; i++)
        {
            (await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("The database is unavailable*"))
                .Which.Should().BeEquivalentTo(new { IsTransient = true, IsOutcomeUnknown = false });
            (await read.Should().ThrowAsync<EventStreamLogException>()).Which.IsTransient.Should().BeTrue();
        }

        node.Database.Availability.Failure.Should().Contain("unavailable");
        await server.StartAsync();

        (await append()).Should().Equal(first.At(2));
        node.Database.Availability.Failure.Should().NotBeNull("reading has not been seen to work");
        (await read()).Texts().Should().Equal("a", "b");
        node.Database.Availability.Failure.Should().BeNull();
        node.Logs.Of(1).Should().ContainSingle();
        node.Logs.Of(2).Should().ContainSingle();
        node.Logs.Of(3).Should().BeEmpty("it is the same server after a crash");
    }

    [Fact(Timeout = 120_000)]
    public async Task Start_BeforeTheServer_WaitsForIt()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var database = await server.CreateDatabaseAsync();
        await server.StopAsync();
        await using var node = LogNode.Unprepared(database, new() { StartTimeout = TimeSpan.FromMinutes(1) });
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);
        await Soon.Until(() => node.Logs.Of(4).Count > 0);

        await server.StartAsync();

        await start.OrFail();
        (await node.AppendAsync(Message("news", "a"))).Should().Equal(await node.AtAsync("news", 1));
    }

    [Fact(Timeout = 120_000)]
    public async Task Start_ServerThatDoesNotCome_FailsAfterTheTimeout()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        await server.StopAsync();
        var time = new FakeTime();
        await using var node = LogNode.Unprepared(server.ConnectionString, time: time);
        var start = new LogStart(node.Database).StartingAsync(CancellationToken.None);

        await time.AdvanceAsync(TimeSpan.FromSeconds(9));
        start.IsCompleted.Should().BeFalse();
        await Soon.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return start.IsCompleted;
        });

        await ((Func<Task>)(() => start)).Should().ThrowAsync<EventStreamLogException>().WithMessage("The database is unavailable*");
        node.Logs.Of(4).Should().ContainSingle();
    }
}
