using EventStream.PostgreSql.Appending;
using static EventStream.PostgreSql.Tests.Infrastructure.Records;

namespace EventStream.PostgreSql.Tests.Appending;

public sealed class AppendLinesTests(SharedServer server)
{
    [Fact(Timeout = 60_000)]
    public async Task Run_OneAfterTheOther_IsOnTheSameLine()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        using var lines = new AppendLines(node.Database);

        var line = await TakeAsync(lines);

        (await TakeAsync(lines)).Should().BeSameAs(line);
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_AfterASilence_IsOnAnother()
    {
        var time = new FakeTime();
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: time);
        using var lines = new AppendLines(node.Database);
        var line = await TakeAsync(lines);

        time.Advance(Silence);

        line.IsOpen.Should().BeFalse("the pool has its connection");
        (await TakeAsync(lines)).Should().NotBeSameAs(line);
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_LineThatWasFoundDead_IsOnAnother()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync() + ";Keepalive=1", time: new FakeTime());
        using var lines = new AppendLines(node.Database);
        var line = await TakeAsync(lines);
        await node.CutAsync();
        await Soon.Until(() => !line.IsOpen, "Npgsql has noticed");

        (await TakeAsync(lines)).IsOpen.Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task Run_MoreAtATimeThanAreKept_GivesTheOthersBack()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync() + ";Maximum Pool Size=5", time: new FakeTime());
        using var lines = new AppendLines(node.Database);
        var together = new TaskCompletionSource();
        var running = Enumerable.Range(0, 5).Select(_ => lines.RunAsync(async (line, _) =>
        {
            await together.Task;
            return line;
        }, CancellationToken.None).AsTask()).ToArray();

        together.SetResult();
        var used = await Task.WhenAll(running).OrFail();

        used.Count(line => line.IsOpen).Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Dispose_GivesBackWhatWasKept_AndKeepsNothingMore()
    {
        await using var node = await LogNode.StartAsync(await server.CreateDatabaseAsync(), time: new FakeTime());
        using var lines = new AppendLines(node.Database);
        var line = await TakeAsync(lines);

        lines.Dispose();

        line.IsOpen.Should().BeFalse();
        (await TakeAsync(lines)).IsOpen.Should().BeFalse();
    }

    private static ValueTask<AppendLine> TakeAsync(AppendLines lines) => lines.RunAsync((line, _) => ValueTask.FromResult(line), CancellationToken.None);
}
