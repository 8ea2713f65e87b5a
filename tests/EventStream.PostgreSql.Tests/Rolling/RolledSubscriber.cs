using System.Collections.Concurrent;
using System.Diagnostics;
using EventStream.Client;

namespace EventStream.PostgreSql.Tests.Rolling;

/// <summary>A subscriber that reads numbers by the .NET client, and checks that a number follows its predecessor, or a gap.</summary>
internal sealed class RolledSubscriber(int number)
{
    private readonly List<long> _numbers = [];
    private readonly ConcurrentQueue<long> _openings = [];
    private long _newest;

    /// <summary>The numbers received, in their order.</summary>
    public IReadOnlyList<long> Numbers => _numbers;

    public long Newest => Volatile.Read(ref _newest);

    public int Gaps { get; private set; }

    /// <summary>When each of its streams opened.</summary>
    public IEnumerable<long> Openings => _openings;

    /// <summary>Reads until the token is cancelled.</summary>
    public async Task ReadAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        var options = new EventStreamClientOptions
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            PrepareRequest = (request, _) =>
            {
                request.Headers.Add(BalancedNodes.ClientHeader, $"{number}");
                return default;
            },
            OnOpened = _ => _openings.Enqueue(Stopwatch.GetTimestamp()),
        };
        var mayBeAny = true;
        try
        {
            await foreach (var message in client.ReadEventStreamAsync(path, options, cancellationToken))
            {
                if (message.Gap is not null)
                {
                    Gaps++;
                    mayBeAny = true;
                    continue;
                }

                var received = long.Parse(message.Data);
                if (!mayBeAny) received.Should().Be(_newest + 1, "no gap was announced");
                mayBeAny = false;
                _numbers.Add(received);
                Volatile.Write(ref _newest, received);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
