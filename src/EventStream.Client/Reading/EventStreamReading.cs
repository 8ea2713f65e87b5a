using System.Runtime.CompilerServices;

namespace EventStream.Client.Reading;

/// <summary>One reading of a stream: connection after connection, each from the position of the previous one.</summary>
internal static class EventStreamReading
{
    public static IAsyncEnumerable<TEvent> Start<TEvent>(
        HttpClient client,
        string requestUri,
        EventStreamClientOptions? options,
        IEventShape<TEvent> shape,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(requestUri);
        var copy = EventStreamClientOptionsCheck.CopyOf(options ?? new());
        return ReadAsync(new(client, new(requestUri, UriKind.RelativeOrAbsolute), copy), copy, shape, cancellationToken);
    }

    private static async IAsyncEnumerable<TEvent> ReadAsync<TEvent>(
        StreamRequest request,
        EventStreamClientOptions options,
        IEventShape<TEvent> shape,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reconnection = new Reconnection(options);
        var sentinels = new EndSentinels(options.EndSentinels);
        do
        {
            var connection = await StreamConnection
                .OpenAsync(request, reconnection.Source, options, cancellationToken)
                .ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            try
            {
                reconnection.Began(connection);
                while (await connection.ReadAsync().ConfigureAwait(false))
                {
                    var gap = GapEvent.Of(connection.Parser);
                    if (gap is not null) options.OnGap?.Invoke(gap);
                    else if (sentinels.Contain(connection.Parser.Data)) yield break;
                    else if (options.EventNames?.Contains(connection.Parser.Type) is false) continue;
                    if (shape.TryTake(connection.Parser, gap, out var message)) yield return message;
                }
            }
            finally
            {
                reconnection.Ended(connection);
            }
        }
        while (await reconnection.WaitAsync(cancellationToken).ConfigureAwait(false));
    }
}
