namespace EventStream.PostgreSql.Appending;

/// <summary>What becomes of records, one after the other, in channels whose locks are held: who gets which number, and what is to be written.</summary>
internal sealed class AppendPlan
{
    private readonly IReadOnlyDictionary<string, ChannelState> _channels;
    private readonly IDictionary<(string Channel, string Key), long> _repeatable;
    private readonly Dictionary<MessageKey, List<int>> _placesByKey = [];
    private readonly List<PlannedMessage?> _messages = [];

    /// <param name="records">In their order.</param>
    /// <param name="channels">All their channels, by name. Changed as the records are placed.</param>
    /// <param name="repeatable">The sequences of the retained messages, by channel and idempotency key, that the records may repeat. Added to.</param>
    public AppendPlan(IReadOnlyList<EventStreamLogRecord> records, IReadOnlyDictionary<string, ChannelState> channels, IDictionary<(string Channel, string Key), long> repeatable)
    {
        _channels = channels;
        _repeatable = repeatable;
        Positions = new EventStreamPosition[records.Count];
        for (var i = 0; i < records.Count; i++) Positions[i] = Place(records[i]);
    }

    /// <summary>The position of each record; the default one where its channel was complete.</summary>
    public EventStreamPosition[] Positions { get; }

    /// <summary>The messages to insert: without those that a later one has replaced already.</summary>
    public IEnumerable<PlannedMessage> Messages => _messages.OfType<PlannedMessage>();

    /// <summary>The keys whose messages, of earlier appends, go.</summary>
    public HashSet<MessageKey> Replaced { get; } = [];

    /// <summary>The channels to update.</summary>
    public IEnumerable<ChannelState> Changed => _channels.Values.Where(channel => channel.IsChanged);

    private EventStreamPosition Place(EventStreamLogRecord record)
    {
        var channel = _channels[record.Channel];

        // A repeated message was published before the channel ended, even if it comes after.
        var repeated = record.Metadata?.IdempotencyKey;
        if (repeated is not null && _repeatable.TryGetValue((channel.Name, repeated), out var sequence)) return new(channel.Epoch, sequence);
        if (record.IsEnd) return End(channel);
        if (channel.IsComplete) return default;

        channel.Newest++;
        channel.Total += record.Frame.Length;
        channel.IsChanged = true;
        if (repeated is not null) _repeatable.Add((channel.Name, repeated), channel.Newest);
        if (record.Metadata?.Key is { } key) Replace(new(channel.Id, key, record.Metadata.User), record.Replaces);
        _messages.Add(new(channel.Id, channel.Newest, channel.Total, record));
        return new(channel.Epoch, channel.Newest);
    }

    private static EventStreamPosition End(ChannelState channel)
    {
        channel.IsChanged |= !channel.IsComplete;
        channel.IsComplete = true;
        return new(channel.Epoch, channel.Newest);
    }

    private void Replace(MessageKey key, bool replaces)
    {
        if (!_placesByKey.TryGetValue(key, out var places)) _placesByKey[key] = places = [];
        if (replaces)
        {
            Replaced.Add(key);
            foreach (var place in places) _messages[place] = null;
            places.Clear();
        }

        places.Add(_messages.Count);
    }
}
