namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>Where a log keeps its channels: empty at first, and opened as often as there are nodes.</summary>
public abstract class LogStore : IAsyncDisposable
{
    /// <summary>Opens the log, as a node does. Its hint without a channel is given first, and then not within <see cref="Infrastructure.Soon.Limit"/>, so that it stands in for no other.</summary>
    public abstract Task<IEventStreamLog> OpenAsync();

    /// <summary>Drops the messages of a channel up to a sequence, as the log's retention does.</summary>
    public abstract Task DropAsync(string channel, long through);

    /// <summary>Drops a channel with all it has, as the log's retention does long after its end.</summary>
    public abstract Task ForgetAsync(string channel);

    public abstract ValueTask DisposeAsync();
}
