namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Shows that a stream is live: what its source sends now, its client reads now.</summary>
public static class Liveness
{
    public static async Task ShouldPassAtOnceAsync(this StreamReading stream, DrivenSource source, string text)
    {
        source.Send(new() { Data = text });
        var frame = $"data: {text}\n\n";
        (await stream.ReadAsync(frame)).Should().Be(frame);
    }
}
