namespace EventStream.PostgreSql.Appending;

/// <summary>A channel's row while an append holds its lock: as it was read, then as it is to be written.</summary>
internal sealed class ChannelState(string name, long id, string epoch)
{
    public string Name { get; } = name;

    public long Id { get; } = id;

    public string Epoch { get; } = epoch;

    /// <summary>The sequence of the newest message.</summary>
    public long Newest { get; set; }

    /// <summary>The bytes of all messages ever appended, by which retention finds how many bytes follow a message.</summary>
    public long Total { get; set; }

    public bool IsComplete { get; set; }

    public DateTime ChangedAt { get; init; }

    /// <summary>Whether there is something to write.</summary>
    public bool IsChanged { get; set; }
}
