namespace EventStream.PostgreSql.Outbox;

/// <summary>Reports how many messages this node has moved out of the outbox, for the channels' metrics.</summary>
internal sealed class MovedMessages
{
    /// <summary>Raised after the commit of a move, with a channel's name and the number of its messages.</summary>
    /// <remarks>Raised by the <see cref="Sequencer"/>'s loop.</remarks>
    public event Action<string, int>? Moved;

    public void Report(string channel, int count) => Moved?.Invoke(channel, count);
}
