namespace EventStream.PostgreSql.Outbox;

/// <summary>Tells how many messages this node has moved out of the outbox, for the channels' metrics.</summary>
internal sealed class MovedMessages
{
    /// <summary>Raised after the commit of a move, by the one loop that moves: a channel's name, and how many of its messages.</summary>
    public event Action<string, int>? Moved;

    public void Tell(string channel, int count) => Moved?.Invoke(channel, count);
}
