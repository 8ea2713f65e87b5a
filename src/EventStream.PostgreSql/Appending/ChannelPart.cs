namespace EventStream.PostgreSql.Appending;

/// <summary>What an append adds to one channel.</summary>
/// <param name="name">The channel's name.</param>
/// <param name="place">The place among the parts of the append, from 1.</param>
internal sealed class ChannelPart(string name, int place)
{
    public string Name { get; } = name;

    public int Place { get; } = place;

    /// <summary>How many sequences it uses.</summary>
    public long Count { get; set; }

    /// <summary>The bytes of all messages that got a sequence.</summary>
    /// <remarks>Retention computes from it how many bytes follow a message.</remarks>
    public long Bytes { get; set; }

    /// <summary>The token that must hold the channel's run; null: none has to.</summary>
    public string? RunToken { get; init; }

    /// <summary>Whether the append completes the channel.</summary>
    public bool Ends { get; set; }
}
