using System.Threading.RateLimiting;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Admission;

/// <summary>Admits a stream if every limit has a permit for it. The permits are held until the stream has ended.</summary>
/// <remarks>
/// The framework's token bucket limits the rate. It knows no clock of the app: the rate is in real time. The counts of users, addresses and
/// channels are partitions of one limiter of the framework, because each partitioned limiter has a timer. That timer drops a partition that
/// was idle for ten seconds. A stream that opens just then may not be counted. The app's services dispose of this object, and of the timer.
/// </remarks>
internal sealed class StreamLimits : IDisposable
{
    /// <summary>How many clients return in a second after a refusal, if the rate of opens has no limit.</summary>
    private const int ReturnsPerSecond = 100;

    // A node or a channel that is full stays so for longer than a rate; a user's own streams for longer still.
    private static readonly TimeSpan AfterRate = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFull = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterOwn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly EventStreamLimitOptions _options;

    // By limit, so that clients which ask for a full channel all the time do not delay those of other channels' limits.
    private readonly RetryTurns[] _turns;
    private readonly StreamLimiter? _total;
    private readonly PartitionedRateLimiter<LimitKey>? _shares;
    private readonly TokenBucketRateLimiter? _opens;

    public StreamLimits(IOptions<EventStreamLimitOptions> options, TimeProvider? time = null)
    {
        _options = options.Value;
        _turns = [.. Enum.GetValues<Limit>().Select(_ => new RetryTurns(
            time ?? TimeProvider.System, _options.MaxOpensPerSecond ?? ReturnsPerSecond))];
        if (_options.MaxStreams is { } streams) _total = new(streams);
        if (_options is not { MaxStreamsPerUser: null, MaxStreamsPerAddress: null, MaxSubscribersPerChannel: null })
        {
            Func<LimitKey, RateLimiter> make = Make;
            _shares = PartitionedRateLimiter.Create<LimitKey, LimitKey>(key => RateLimitPartition.Get(key, make));
        }

        if (_options.MaxOpensPerSecond is { } opens)
        {
            // Replenished by the next open, so that no timer is needed; about ten times a second, or for each token of a slower rate.
            var tokens = (opens + 9) / 10;
            _opens = new(new()
            {
                TokenLimit = opens,
                TokensPerPeriod = tokens,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / opens),
                AutoReplenishment = false,
            });
        }
    }

    /// <summary>Whether there is any limit.</summary>
    public bool IsOn => _total is not null || _shares is not null || _opens is not null || _options.Limiter is not null;

    /// <summary>The limit of open streams; null if there is none.</summary>
    public int? MaxStreams => _options.MaxStreams;

    /// <summary>How many more streams may open; null if there is no limit.</summary>
    public long? Available => _total?.Available;

    /// <summary>The time until all clients that were refused because too many came have had their turn.</summary>
    public TimeSpan LongestWait => _turns.Max(static turns => turns.Window);

    /// <summary>Acquires a permit of each limit, or none.</summary>
    public Admission Admit(HttpContext context, FrameSource source, ILogger logger)
    {
        if (_total?.TryHold() == false) return new(default, Full(Limit.Total));
        List<RateLimitLease> held = [];
        Refusal? refusal = null;
        var isAdmitted = false;
        try
        {
            refusal = Refuse(context, source, held);
            isAdmitted = refusal is null;
        }
        finally
        {
            // Also if the app's limiter throws.
            if (!isAdmitted) Return(new([.. held]), logger, context.EndpointName);
        }

        return new(isAdmitted ? new([.. held]) : default, refusal);
    }

    /// <summary>Returns the permits of a stream that was admitted. It must be called once: see <see cref="StreamLimiter"/>.</summary>
    public void Return(StreamPermits permits, ILogger logger, string? endpoint)
    {
        permits.Return(logger, endpoint);
        _total?.Return();
    }

    public void Dispose()
    {
        _total?.Dispose();
        _shares?.Dispose();
        _opens?.Dispose();
    }

    /// <summary>Acquires the permits besides that of the total, one after the other, until a limit has none.</summary>
    /// <remarks>
    /// The rate is the last, because its permits are used up and cannot be returned.
    /// </remarks>
    private Refusal? Refuse(HttpContext context, FrameSource source, List<RateLimitLease> held)
    {
        if (_options.MaxStreamsPerUser is not null
            && (source.User ?? StreamIdentity.UserOf(context)) is { } user
            && !Shares(new(Limit.User, user, 0)))
        {
            return new(Limit.User, AfterOwn);
        }

        if (_options.MaxStreamsPerAddress is not null && ClientAddress.Of(context) is { } address
            && !Shares(new(Limit.Address, Name: null, address)))
        {
            return new(Limit.Address, AfterOwn);
        }

        if (!Subscribes()) return Full(Limit.Channel);
        if (_options.Limiter is { } limiter)
        {
            var lease = limiter.AttemptAcquire(context);
            if (!lease.IsAcquired) return new(Limit.App, WaitOf(lease));
            held.Add(lease);
        }

        return TakesToken() ? null : new(Limit.Rate, AfterRate + _turns[(int)Limit.Rate].Take());

        bool Holds(RateLimitLease lease)
        {
            if (lease.IsAcquired) held.Add(lease);
            else lease.Dispose();
            return lease.IsAcquired;
        }

        bool Shares(LimitKey key) => Holds(_shares!.AttemptAcquire(key));

        bool Subscribes()
        {
            if (_options.MaxSubscribersPerChannel is null) return true;
            foreach (var name in source.ChannelNames)
            {
                if (!Shares(new(Limit.Channel, name, 0))) return false;
            }

            return true;
        }
    }

    private Refusal Full(Limit limit) => new(limit, AfterFull + _turns[(int)limit].Take());

    /// <summary>Gets how long the app's limiter wants a client to wait, and disposes of its lease.</summary>
    private static TimeSpan WaitOf(RateLimitLease lease)
    {
        using (lease)
        {
            return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, AfterRate.Ticks, Day.Ticks))
                : AfterOwn;
        }
    }

    private bool TakesToken()
    {
        if (_opens is null) return true;
        _opens.TryReplenish();
        using var lease = _opens.AttemptAcquire();
        return lease.IsAcquired;
    }

    private StreamLimiter Make(LimitKey key) => new(key.Limit switch
    {
        Limit.User => _options.MaxStreamsPerUser,
        Limit.Address => _options.MaxStreamsPerAddress,
        _ => _options.MaxSubscribersPerChannel,
    } ?? int.MaxValue);
}
