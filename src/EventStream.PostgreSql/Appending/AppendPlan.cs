namespace EventStream.PostgreSql.Appending;

/// <summary>Decides which number each record gets, and which rows an append writes.</summary>
/// <remarks>
/// It handles the records in their order, for channels whose locks are held. Numbers count from each channel's newest message.
/// </remarks>
internal sealed class AppendPlan
{
    private readonly LogState _state;
    private readonly Dictionary<string, ChannelPart> _partsByChannel = new(StringComparer.Ordinal);
    private readonly List<ChannelPart> _parts = [];
    private readonly Dictionary<RepeatKey, Repeatable> _repeatable = [];
    private readonly Dictionary<MessageKey, List<int>> _placesByKey = [];
    private readonly List<PlannedMessage?> _messages = [];

    // By record; null where the append refuses it: the channel was complete, or the token did not hold its run.
    private readonly long?[] _numbers;

    /// <param name="records">The records, in their order.</param>
    /// <param name="state">The state of the log before the append.</param>
    /// <exception cref="ListLengthException">A list has the key of an earlier list of another length.</exception>
    public AppendPlan(IReadOnlyList<EventStreamLogRecord> records, LogState state)
    {
        _state = state;
        _numbers = new long?[records.Count];
        for (var i = 0; i < records.Count; i++) _numbers[i] = Place(records[i]);
    }

    /// <summary>What the append adds to each channel, in the order of their places; empty if there is nothing to write.</summary>
    public IReadOnlyList<ChannelPart> Parts => _parts;

    /// <summary>The messages to insert, without those that a later one in the same append replaces.</summary>
    public IEnumerable<PlannedMessage> Messages => _messages.OfType<PlannedMessage>();

    /// <summary>The keys whose messages of earlier appends must be deleted.</summary>
    public HashSet<MessageKey> Replaced { get; } = [];

    /// <summary>The channels that the append completes although they have a run that is running.</summary>
    public string[] CompletedRuns =>
    [
        .. _parts
            .Where(part => part.Ends && _state.Channels.GetValueOrDefault(part.Name)?.RunToken is not null)
            .Select(part => part.Name),
    ];

    public bool IsEmpty => _parts.Count == 0;

    /// <summary>The position of each record; null where the append refuses it.</summary>
    /// <param name="records">The records of the constructor.</param>
    /// <param name="state">The state of the log before the append.</param>
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
        // Checked first: a token that holds no run changes nothing, and learns nothing.
        if (!_state.Admits(record)) return null;

        // Checked before the channel's end: a repeated message was first published before the channel ended.
        if (RepeatKey.Of(record) is { } key && Find(key) is { } repeated) return repeated.NumberOf(record, key);
        var isComplete = _state.Channels.GetValueOrDefault(record.Channel) is { IsComplete: true };
        if (isComplete) return record.IsEnd ? 0 : null;
        return record.IsEnd ? End(PartOf(record)) : Add(record, PartOf(record));
    }

    private Repeatable? Find(RepeatKey key) =>
        _repeatable.TryGetValue(key, out var known) ? known
        : _state.Repeatable.TryGetValue(key, out var kept) ? kept with { Last = kept.Last - _state.Channels[key.Channel].Newest }
        : null;

    private ChannelPart PartOf(EventStreamLogRecord record)
    {
        if (_partsByChannel.TryGetValue(record.Channel, out var known)) return known;
        var part = new ChannelPart(record.Channel, _parts.Count + 1) { RunToken = record.RunToken };
        _partsByChannel.Add(record.Channel, part);
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
