using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Retention;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Database;

/// <summary>Another session holds a lock by which one node at a time does something, and does not give it back.</summary>
public sealed class NodeLockTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Move_TheLockIsNotGivenBack_NamesTheHolderAndContinuesWhenItIs()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await node.PublishAsync(Message("orders", "a"));
        var holding = await node.BeginAsync(Lock("outbox"));
        await node.Sequencer.StartAsync(CancellationToken.None);

        await Soon.Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return node.Database.Availability.Failure is not null;
        });

        time.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(19));
        node.Database.Availability.Failure.Should().Contain($"outbox' has been held for more than 20 s by process {holding.Process}");
        node.Logs.Of(1).Should().ContainSingle();
        await holding.DisposeAsync();
        await Soon.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return node.ReadAsync("orders").Result.Newest == 1;
        });
        await Soon.Until(() => node.Database.Availability.Failure is null);
    }

    [Fact(Timeout = 60_000)]
    public async Task Move_OtherTransactionsHoldTheLockInTurn_IsNoFailure()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await node.PublishAsync(Message("orders", "a"));
        var move = new OutboxMove(node.Database, node.Moved);

        for (var turn = 0; turn < 5; turn++)
        {
            await using var holding = await node.BeginAsync(Lock("outbox"));
            for (var second = 0; second < 10; second++)
            {
                (await move.RunAsync(1000, CancellationToken.None)).Should().BeNull();
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        node.Database.Availability.Failure.Should().BeNull();
        (await move.RunAsync(1000, CancellationToken.None)).Should().BeFalse("nothing is left");
        move.Taken.Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_TheLockIsNotGivenBack_NamesTheHolder()
    {
        var time = new FakeTime();
        var options = new PostgreSqlLogOptions { Retention = new() { MaxCount = 1 } };
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), options, time);
        await node.AppendAsync(Message("news", "a"), Message("news", "b"));
        var sweep = new RetentionSweep(node.Database);
        await using (var holding = await node.BeginAsync(Lock("retention")))
        {
            (await sweep.RunAsync(CancellationToken.None)).Should().Be((0, 0));
            time.Advance(TimeSpan.FromSeconds(30));

            var again = () => sweep.RunAsync(CancellationToken.None).AsTask();

            await again.Should().ThrowAsync<EventStreamLogException>()
                .WithMessage($"*retention' has been held*by process {holding.Process}*");
            node.Database.Availability.Failure.Should().Contain("retention");
        }

        (await sweep.RunAsync(CancellationToken.None)).Should().Be((1, 0));
        node.Database.Availability.Failure.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Sweep_AgainAndAgainWhileTheLockIsNotGivenBack_FailsEachTimeAndReportsItOnce()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        await node.AppendAsync(Message("news", "a"));
        var sweep = new RetentionSweep(node.Database);
        await using (await node.BeginAsync(Lock("retention")))
        {
            await sweep.RunAsync(CancellationToken.None);
            time.Advance(TimeSpan.FromSeconds(30));

            for (var i = 0; i < 10; i++)
            {
                var again = () => sweep.RunAsync(CancellationToken.None).AsTask();
                await again.Should().ThrowAsync<EventStreamLogException>();
                time.Advance(TimeSpan.FromMilliseconds(300));
            }
        }

        node.Logs.Of(1).Should().ContainSingle();
        node.Logs.Of(2).Should().BeEmpty();
        await sweep.RunAsync(CancellationToken.None);
        await using (await node.BeginAsync(Lock("retention")))
        {
            (await sweep.RunAsync(CancellationToken.None)).Should().Be((0, 0), "another transaction has just taken it");
        }

        node.Database.Availability.Failure.Should().BeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_TheSchemasLockIsHeldWhenTheIdentityIsToBeChecked_FailsAfterAWhileAndSucceedsWhenItIsFree()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync());
        await node.AppendAsync(Message("news", "a"));
        await node.RestoreAsync();
        var append = () => node.AppendAsync(Message("news", "b")).OrFail();

        await using (await node.BeginAsync(Lock("schema")))
        {
            var thrown = await append.Should().ThrowAsync<EventStreamLogException>().WithMessage("Another transaction has locked*");
            thrown.Which.IsTransient.Should().BeTrue();
            node.Database.Availability.Failure.Should().Contain("Another transaction has locked");
        }

        await append();
    }

    private static string Lock(string purpose) =>
        $"SELECT pg_advisory_xact_lock(hashtextextended('EventStream.PostgreSql/eventstream/{purpose}', 0))";
}
