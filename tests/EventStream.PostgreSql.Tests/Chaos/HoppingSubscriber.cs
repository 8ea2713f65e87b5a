using EventStream.Client;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>A subscriber that reads the numbers from any node, and checks that every position comes once and in order.</summary>
internal sealed class HoppingSubscriber
{
    private readonly List<long> _numbers = [];
    private long _newest;

    /// <summary>The numbers received, in their order.</summary>
    public IReadOnlyList<long> Numbers => _numbers;

    /// <summary>The number received last.</summary>
    public long Newest => Volatile.Read(ref _newest);

    public int Connections { get; private set; }

    /// <summary>Reads until the token is cancelled.</summary>
    public async Task ReadAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var options = new EventStreamClientOptions
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            MaxReconnectDelay = TimeSpan.FromSeconds(1),
            OnOpened = _ => Connections++,
        };
        try
        {
            await foreach (var message in client.ReadEventStreamAsync("/numbers", options, cancellationToken))
            {
                message.Gap.Should().BeNull("nothing is lost");
                var sequence = long.Parse(message.LastEventId.AsSpan(message.LastEventId.IndexOf('-') + 1));
                sequence.Should().Be(_numbers.Count + 1, "each comes once, in order");
                _numbers.Add(long.Parse(message.Data));
                Volatile.Write(ref _newest, _numbers[^1]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
