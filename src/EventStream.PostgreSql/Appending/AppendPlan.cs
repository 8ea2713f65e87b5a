namespace EventStream.PostgreSql.Appending;

/// <summary>
/// What becomes of records, one after the other, in channels whose locks are held: who gets which number, and what is to be written.
/// Numbers begin at each channel's newest message, whichever that is.
/// </summary>
internal sealed class AppendPlan
{
    private readonly LogState _state;
    private readonly Dictionary<string, ChannelPart> _partsByChannel = new(StringComparer.Ordinal);
    private readonly List<ChannelPart> _parts = [];
    private readonly Dictionary<RepeatKey, Repeatable> _repeatable = [];
    private readonly Dictionary<MessageKey, List<int>> _placesByKey = [];
    private readonly List<PlannedMessage?> _messages = [];

    // By record; null where the channel was complete.
    private readonly long?[] _numbers;

    /// <param name="records">In their order.</param>
    /// <param name="state">What they come upon.</param>
    /// <exception cref="ListLengthException">A list has the key of another one, of another length.</exception>
    public AppendPlan(IReadOnlyList<EventStreamLogRecord> records, LogState state)
    {
        _state = state;
        _numbers = new long?[records.Count];
        for (var i = 0; i < records.Count; i++) _numbers[i] = Place(records[i]);
    }

    /// <summary>What the channels get, in the order of their places. None: there is nothing to write.</summary>
    public IReadOnlyList<ChannelPart> Parts => _parts;

    /// <summary>The messages to insert: without those that a later one has replaced already.</summary>
    public IEnumerable<PlannedMessage> Messages => _messages.OfType<PlannedMessage>();

    /// <summary>The keys whose messages, of earlier appends, go.</summary>
    public HashSet<MessageKey> Replaced { get; } = [];

    public bool IsEmpty => _parts.Count == 0;

    /// <summary>The position of each record; null where its channel was complete.</summary>
    /// <param name="records">The same ones.</param>
    /// <param name="state">What they came upon.</param>
    public EventStreamPosition?[] PositionsOf(IReadOnlyList<EventStreamLogRecord> records, LogState state)
    {
        var positions = new EventStreamPosition?[_numbers.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            if (_numbers[i] is not { } number) continue;
            var channel = state.Channels[records[i].Channel];
            positions[i] = new EventStreamPosition(channel.Epoch, channel.Newest + number);
        }

        return positions;
    }

    private long? Place(EventStreamLogRecord record)
    {
        // A repeated message was published before the channel ended, even if it comes after.
        if (RepeatKey.Of(record) is { } key && Find(key) is { } repeated) return repeated.NumberOf(record, key);
        var isComplete = _state.Channels.GetValueOrDefault(record.Channel) is { IsComplete: true };
        if (isComplete) return record.IsEnd ? 0 : null;
        return record.IsEnd ? End(PartOf(record.Channel)) : Add(record, PartOf(record.Channel));
    }

    private Repeatable? Find(RepeatKey key) =>
        _repeatable.TryGetValue(key, out var known) ? known
        : _state.Repeatable.TryGetValue(key, out var kept) ? kept with { Last = kept.Last - _state.Channels[key.Channel].Newest }
        : null;

    private ChannelPart PartOf(string channel)
    {
        if (_partsByChannel.TryGetValue(channel, out var known)) return known;
        var part = new ChannelPart(channel, _parts.Count + 1);
        _partsByChannel.Add(channel, part);
        _parts.Add(part);
        return part;
    }

    private static long End(ChannelPart part)
    {
        part.Ends = true;
        return part.Count;
    }

    private long? Add(EventStreamLogRecord record, ChannelPart part)
    {
        if (part.Ends) return null;
        part.Count++;
        part.Bytes += record.Frame.Length;
        if (record.Part is not { IsLast: false } && RepeatKey.Of(record) is { } repeatKey)
        {
            _repeatable[repeatKey] = new(part.Count, record.Part?.Length ?? 1);
        }

        if (record.Metadata?.Key is { } key) Replace(new(part.Name, key, record.Metadata.User), record.Replaces);
        _messages.Add(new(part.Place, part.Count, part.Bytes, record));
        return part.Count;
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
