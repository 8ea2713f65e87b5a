namespace EventStream.PostgreSql.Appending;

/// <summary>What an append adds to one channel.</summary>
/// <param name="name">The channel's.</param>
/// <param name="place">Among the parts of the append, from 1.</param>
internal sealed class ChannelPart(string name, int place)
{
    public string Name { get; } = name;

    public int Place { get; } = place;

    /// <summary>How many numbers it takes.</summary>
    public long Count { get; set; }

    /// <summary>The bytes of all messages that got one, by which retention finds how many bytes follow a message.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether the channel is at its end then.</summary>
    public bool Ends { get; set; }
}
