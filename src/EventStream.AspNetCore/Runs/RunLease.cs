namespace EventStream.AspNetCore.Runs;

/// <summary>This node's hold of a run of the log, under the token of its newest claim.</summary>
/// <remarks>Any thread reads it. Only <see cref="RunAppends"/> changes the tokens.</remarks>
/// <param name="claim">The claim that holds the run.</param>
/// <param name="renewedAt">When that claim began.</param>
internal sealed class RunLease(EventStreamRunClaim claim, long renewedAt)
{
    private volatile string[] _tokens = [claim.Token];
    private volatile bool _isGivenUp;
    private long _renewedAt = renewedAt;

    /// <summary>The channel of the run.</summary>
    public string Channel => claim.Channel;

    /// <summary>Whether this node has given the run up to another node.</summary>
    public bool IsGivenUp
    {
        get => _isGivenUp;
        set => _isGivenUp = value;
    }

    /// <summary>The token that holds the run, as far as this node knows.</summary>
    public string Token => _tokens[0];

    /// <summary>The tokens of which one holds the run: <see cref="Token"/>, and that of a claim without an answer.</summary>
    /// <remarks>Each change sets another array.</remarks>
    public string[] Tokens => _tokens;

    /// <summary>When the last claim or renewal began that has succeeded. The lease ends later, on the log's clock.</summary>
    public long RenewedAt
    {
        get => Volatile.Read(ref _renewedAt);
        set => Volatile.Write(ref _renewedAt, value);
    }

    public static string NewToken() => Guid.NewGuid().ToString("N");

    /// <summary>Gets the claim that replaces this node's present one. It is the same one until <see cref="Take"/>.</summary>
    public EventStreamRunClaim NextClaim()
    {
        if (_tokens is [var token]) _tokens = [token, NewToken()];
        return claim with { Token = _tokens[1], Replaces = _tokens[0], Restarts = false };
    }

    /// <summary>Takes the token of the <see cref="NextClaim"/>, which holds the run.</summary>
    public void Take(EventStreamRunClaim next) => _tokens = [next.Token];
}
