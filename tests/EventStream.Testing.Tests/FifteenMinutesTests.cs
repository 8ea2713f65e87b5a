using System.Diagnostics;
using EventStream.Testing.Tests.Infrastructure;

namespace EventStream.Testing.Tests;

/// <summary>
/// A quarter of an hour in the life of a stream, in less than a second. Alone, for the bar is in processor time, which a busy machine does
/// not lengthen.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FifteenMinutesTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(Hosted.InMemory)]
    [InlineData(Hosted.Http1)]
    [InlineData(Hosted.Http2)]
    public async Task Story_KeepAlivesLifetimeRetryAndReconnect_InUnderASecond(Hosted hosted)
    {
        await using var app = await AppUnderTest.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.MaxLifetime = TimeSpan.FromMinutes(10))), hosted);
        await using var stream = await app.Client.OpenEventStreamAsync("/", new() { Time = app.Time, Reconnects = true });
        var before = Process.GetCurrentProcess().TotalProcessorTime;

        await app.Time.AdvanceAsync(TimeSpan.FromMinutes(15));

        var took = Process.GetCurrentProcess().TotalProcessorTime - before;
        // Nine minutes at least, for the lifetime has a tenth of jitter; a keep-alive each 15 s, or a tenth sooner.
        for (var n = 0; n < 35; n++) (await stream.NextCommentAsync()).Should().BeEmpty();
        await stream.ExpectReconnectAsync();
        for (var n = 0; n < 19; n++) (await stream.NextCommentAsync()).Should().BeEmpty();
        stream.Wire.Split('\n').Count(line => line.EndsWith("> GET /")).Should().Be(2);
        took.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }
}
