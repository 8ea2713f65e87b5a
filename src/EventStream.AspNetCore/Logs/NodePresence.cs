using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>What the nodes tell each other, through a channel of their own in the log that they share: how many subscribers each has, and whose streams are to end.</summary>
/// <remarks>A node tells what has changed once a second, and that it lives every ten. One that was not heard of for thirty is not counted.</remarks>
internal sealed class NodePresence
{
    private const string ChannelName = "$nodes";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly EventStreamHub _hub;
    private readonly string _node = RandomNumberGenerator.GetString(Positions.Alphabet, 12);
    private readonly ConcurrentDictionary<string, OtherNode> _others = new(StringComparer.Ordinal);
    private readonly ChannelDefinition _definition;
    private readonly Lock _gate = new();
    private ITimer? _timer;

    // Under _gate: the channel of the nodes, another one where the log has begun anew.
    private EventStreamChannel? _channel;

    // Owned by the tick, of which one runs at a time.
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private long _toldAt;
    private int _isTelling;

    // Set where another node does not know of this one.
    private volatile bool _isUnknown = true;

    public NodePresence(EventStreamHub hub)
    {
        _hub = hub;
        _definition = new ChannelDefinition(ChannelName, new(), new ChannelMetrics(hub.Host.Metrics.Meter, hub.Time, ChannelName), hasLog: true);
    }

    public DurableChannel Channel => Current().Durable!;

    public DurableChannel? ChannelOf(string name) => name == ChannelName ? Channel : null;

    public int CountElsewhere(string channel)
    {
        var count = 0;
        foreach (var other in _others.Values) count += IsAlive(other) ? other.Counts.GetValueOrDefault(channel) : 0;
        return count;
    }

    public void Start()
    {
        _ = Channel.CatchUpAsync();
        _timer = AppTimer.Create(_hub.Time, static presence => ((NodePresence)presence!).Tick(), this, Interval);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null) await _timer.DisposeAsync();
        try
        {
            if (!_isUnknown) await SayAsync("bye", [], cancellationToken).WaitAsync(Interval, cancellationToken);
        }
        catch (Exception exception)
        {
            Diagnostics.Log.PresenceNotTold(_hub.Host.Logger, exception);
        }
    }

    public Task DisconnectAsync(string user, CancellationToken cancellationToken) => SayAsync("disconnect", new() { [user] = 0 }, cancellationToken);

    private void Tick()
    {
        if (!Channel.IsLoaded || Interlocked.Exchange(ref _isTelling, 1) != 0) return;
        AppTask.Run(async () =>
        {
            try
            {
                await TellAsync();
            }
            catch (Exception exception)
            {
                _isUnknown = true;
                Diagnostics.Log.PresenceNotTold(_hub.Host.Logger, exception);
            }
            finally
            {
                Volatile.Write(ref _isTelling, 0);
            }
        });
    }

    private async Task TellAsync()
    {
        var isAll = _isUnknown;
        _isUnknown = false;
        if (isAll) _told.Clear();
        Dictionary<string, int> news = new(StringComparer.Ordinal);
        var counts = _hub.Channels.Where(channel => channel.Durable is not null && channel.SubscriberCount > 0).ToDictionary(channel => channel.Name, channel => channel.SubscriberCount, StringComparer.Ordinal);
        foreach (var (channel, count) in counts.Where(count => _told.GetValueOrDefault(count.Key) != count.Value)) news[channel] = count;
        foreach (var channel in _told.Keys.Where(channel => !counts.ContainsKey(channel))) news[channel] = 0;
        if (!isAll && news.Count == 0 && _hub.Time.GetElapsedTime(_toldAt) < Heartbeat) return;
        await SayAsync(isAll ? "all" : "some", news, CancellationToken.None);
        foreach (var (channel, count) in news)
        {
            if (count == 0) _told.Remove(channel);
            else _told[channel] = count;
        }

        _toldAt = _hub.Time.GetTimestamp();
        Forget();
    }

    private void Forget()
    {
        foreach (var other in _others.Where(other => !IsAlive(other.Value))) _others.TryRemove(other);
    }

    private bool IsAlive(OtherNode other) => _hub.Time.GetElapsedTime(other.HeardAt) < Lifetime;

    private async Task SayAsync(string what, Dictionary<string, int> counts, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new NodeNews(_node, counts), NodeNewsContext.Default.NodeNews);
        await Current().PublishAsync(new EventStreamMessage { Event = what, Data = json }, cancellationToken: cancellationToken);
    }

    private EventStreamChannel Current()
    {
        lock (_gate)
        {
            if (_channel is { Log.IsClosed: false }) return _channel;
            _isUnknown = true;
            if (_channel is not null) MissNews();
            _channel = new EventStreamChannel(_hub, ChannelName, _definition, Hear);
            _channel.Durable!.Missed = MissNews;
            return _channel;
        }
    }

    // Whose streams were to end in the meantime is not known, so everybody who is somebody comes back, and is authorized anew.
    private void MissNews() => _hub.Disconnect(user: null);

    private void Hear(LogEntry entry)
    {
        var frame = entry.FrameWithoutId;
        var data = frame[(frame.IndexOf("\ndata: "u8) + 7)..].TrimEnd((byte)'\n');
        if (JsonSerializer.Deserialize(data, NodeNewsContext.Default.NodeNews) is not { } news || news.Node == _node) return;
        if (entry.Event == "disconnect")
        {
            foreach (var user in news.Counts.Keys) _hub.Disconnect(user);
        }
        else if (entry.Event == "bye")
        {
            _others.TryRemove(news.Node, out _);
        }
        else
        {
            // One that tells all has just come, or come back, and has not heard of this one.
            var isAll = entry.Event == "all";
            if (!_others.TryGetValue(news.Node, out var known) && isAll) _isUnknown = true;
            Dictionary<string, int> counts = isAll || known is null ? new(StringComparer.Ordinal) : new(known.Counts, StringComparer.Ordinal);
            foreach (var (channel, count) in news.Counts) counts[channel] = count;
            _others[news.Node] = new(_hub.Time.GetTimestamp(), counts);
        }
    }

    private sealed record OtherNode(long HeardAt, IReadOnlyDictionary<string, int> Counts);
}
