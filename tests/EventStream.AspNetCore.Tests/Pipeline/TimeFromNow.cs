namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A fake time that begins at a whole second near the present, for libraries that read the system's clock alone.</summary>
public sealed class TimeFromNow(FakeTime time) : TimeProvider
{
    private readonly TimeSpan _shift = Now() - time.GetUtcNow();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + _shift;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);

    private static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
}
