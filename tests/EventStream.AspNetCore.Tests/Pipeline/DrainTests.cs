using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>With a <c>DrainTimeout</c>, the streams of a stopping host end one after the other.</summary>
public sealed class DrainTests
{
    private const int Many = 100;
    private const int Tenths = 10;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly DrivenSource _source = new();

    [Theory(Timeout = 60_000)]
    [InlineData("/silent")]
    [InlineData("/channel")]
    [InlineData("/deferred")]
    public async Task Streams_OfEveryKind_EndSpreadOverTheWindowEachWithItsOwnRetry(string path)
    {
        await using var app = await DrainApp.StartAsync(_source, options: o => o.DrainRetry = TimeSpan.FromSeconds(100));
        var streams = await app.OpenManyAsync(path, Many);
        var ends = streams.ConvertAll(stream => stream.ReadToEndAsync());

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        List<int> ended = [];
        for (var tenth = 0; tenth < Tenths; tenth++)
        {
            var until = app.Time.Elapsed + (DrainApp.Window / Tenths);
            await app.AdvanceUntilAsync(Soon.Until(() => app.Time.Elapsed >= until), Tick);
            ended.Add(ends.Count(end => end.IsCompleted));
        }

        await app.Time.AdvanceAsync(Tick);
        var farewells = await Task.WhenAll(ends).OrFail();

        // Of a hundred at random, a tenth of the window has ten; 35 or none in two neighbours are as good as impossible.
        ended[0].Should().BeLessThan(35, "they do not end at once");
        ended[4].Should().BeInRange(25, 75, "half of the window ends about half of them");
        ended.Zip(ended.Skip(1), (before, after) => after - before).Should().OnlyContain(count => count < 35);
        var retries = farewells.Select(farewell => int.Parse(farewell[(farewell.LastIndexOf("retry: ") + 7)..])).ToList();
        retries.Should().OnlyContain(retry => retry >= 100_000 && retry <= 150_000);
        retries.Distinct().Should().HaveCountGreaterThan(Many / 2, "each has its own");
        await stopping.OrFail();
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Source_ThatAskedForTheSignal_MayGoOnToTheEndOfTheWindow(bool addsStreams)
    {
        await using var app = await DrainApp.StartAsync(_source, addsStreams: addsStreams);
        var streams = await app.OpenManyAsync("/asks", 10);
        var ends = streams.ConvertAll(stream => stream.ReadToEndAsync());

        var stopping = app.App.StopAsync();
        if (addsStreams) await app.DrainHasBegunAsync();
        await app.Time.AdvanceAsync(DrainApp.Window - Tick);
        ends.Should().OnlyContain(end => !end.IsCompleted);

        await app.Time.AdvanceAsync(2 * Tick);
        await Task.WhenAll(ends).OrFail();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Channel_CompletesDuringTheWindow_ItsStreamsEndAsFinished()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var stream = (await app.OpenManyAsync("/channel", 1))[0];
        var channel = app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("news");

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        await channel.PublishAsync("late");
        await channel.CompleteAsync();

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"data: late\n\nid: \S+\.end\nevent: stream-end\ndata: end\n\n\z");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_DuringTheWindow_GoesOnAndItsSubscribersGetTheRest()
    {
        await using var app = await DrainApp.StartAsync(_source);
        var stream = (await app.OpenManyAsync("/run", 1))[0];

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        _source.Send(new() { Data = "the rest" });
        _source.Finish();

        (await stream.ReadToEndAsync()).Should().Contain("data: the rest").And.Contain("stream-end");
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Reader_InTheProcess_ReadsToTheEndOfTheWindow()
    {
        await using var app = await DrainApp.StartAsync(_source);
        await app.OpenManyAsync("/asks", 1);
        var channel = app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("news");
        await using var entries = channel.ReadAsync().GetAsyncEnumerator();
        var first = entries.MoveNextAsync().AsTask();

        var stopping = app.App.StopAsync();
        await app.DrainHasBegunAsync();
        await channel.PublishAsync("late");
        (await first.OrFail()).Should().BeTrue();
        var second = entries.MoveNextAsync().AsTask();
        await app.Time.AdvanceAsync(DrainApp.Window + Tick);

        (await second.OrFail()).Should().BeFalse();
        await stopping.OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/silent")]
    [InlineData("/channel")]
    public async Task Window_OfZero_EndsStreamsAtOnce(string path)
    {
        await using var app = await DrainApp.StartAsync(_source, window: TimeSpan.Zero);
        var streams = await app.OpenManyAsync(path, 5);

        var stopping = app.App.StopAsync();

        foreach (var stream in streams) await stream.ReadToEndAsync();
        await stopping.OrFail();
        app.Log.Entries.Should().NotContain(entry => entry.Message.StartsWith("The host stops"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Window_OfOneEndpoint_HoldsForItsStreamsAlone()
    {
        await using var app = await DrainApp.StartAsync(_source, window: TimeSpan.Zero);
        var patient = (await app.OpenManyAsync("/patient", 1))[0].ReadToEndAsync();
        var silent = (await app.OpenManyAsync("/silent", 1))[0];

        var stopping = app.App.StopAsync();
        await silent.ReadToEndAsync();

        patient.IsCompleted.Should().BeFalse();
        stopping.IsCompleted.Should().BeFalse();
        await app.Time.AdvanceAsync(DrainApp.Window + Tick);
        await patient.OrFail();
        await stopping.OrFail();
    }
}
