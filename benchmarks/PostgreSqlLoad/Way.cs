/// <summary>A way of getting messages from one node to another through PostgreSQL.</summary>
internal abstract class Way(string connectionString, int channels)
{
    /// <summary>The number of publishers, each of which publishes its next message when the last one is durable.</summary>
    public const int Publishers = 32;

    public static IReadOnlyList<string> Names { get; } = [HandWritten.Name, Library.Name];

    protected string ConnectionString { get; } = connectionString;

    protected int Channels { get; } = channels;

    public static Way Of(string name, string connectionString, int channels) => name switch
    {
        HandWritten.Name => new HandWritten(connectionString, channels),
        Library.Name => new Library(connectionString, channels),
        _ => throw new ArgumentException($"There is no way '{name}'.", nameof(name)),
    };

    /// <summary>Prepares the database, once for all nodes.</summary>
    public abstract Task CreateAsync();

    /// <summary>Opens what one publisher needs.</summary>
    /// <returns>Publishes one message on a channel, from 0; returns when it is safe.</returns>
    public abstract Task<Func<int, string, Task>> ConnectPublisherAsync();

    /// <summary>Receives all messages of all channels.</summary>
    /// <param name="listening">Called once: what is published from now on will be received.</param>
    /// <param name="received">Called with each.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract Task ReceiveAsync(Action listening, Action<string> received, CancellationToken cancellation);
}
