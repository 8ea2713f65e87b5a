namespace EventStream.AspNetCore.Runs;

/// <summary>A run of the log that this node owns while its lease lasts.</summary>
/// <param name="token">The token of the claim.</param>
/// <param name="run">The run.</param>
/// <param name="renewedAt">When the claim began.</param>
internal sealed class LeasedRun(string token, OwnedRun run, long renewedAt)
{
    private long _renewedAt = renewedAt;

    public string Token => token;

    public OwnedRun Run => run;

    /// <summary>When the last renewal began that has succeeded. The lease ends later, on the log's clock.</summary>
    public long RenewedAt
    {
        get => Volatile.Read(ref _renewedAt);
        set => Volatile.Write(ref _renewedAt, value);
    }
}
