using System.Collections.Concurrent;
using System.Text.Json;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What was published to a channel, by its sequences, and whether a client has just that.</summary>
internal sealed class Record(EventStreamChannel channel)
{
    private readonly ConcurrentDictionary<long, string> _published = new();

    public async Task PublishAsync(string data)
    {
        var position = await channel.PublishAsync(data);
        if (!_published.TryAdd(position.Sequence, data))
        {
            throw new InvalidOperationException($"The sequence {position.Sequence} was given out twice.");
        }
    }

    /// <summary>
    /// Publishes until the channel is complete, or <paramref name="most"/> messages are in it: on a slow machine the end may be long in
    /// coming.
    /// </summary>
    public async Task PublishUntilCompleteAsync(string data, int most)
    {
        try
        {
            for (var n = 0; n < most; n++) await PublishAsync(data);
        }
        catch (InvalidOperationException exception) when (exception.Message.StartsWith("The channel is complete", StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Fails unless the events are the published messages after <paramref name="after"/>, each once and in order.</summary>
    /// <remarks>An event may instead announce which messages are lost. Null: the messages may begin anywhere.</remarks>
    /// <returns>How many were lost.</returns>
    public long Check(IEnumerable<TestEvent> received, long? after)
    {
        var lost = 0L;
        _published.Keys.Order().Should().Equal(Enumerable.Range(1, _published.Count).Select(n => (long)n));
        foreach (var message in received)
        {
            var sequence = SequenceIn(message.LastEventId);
            if (message.Event == "stream-gap")
            {
                var told = JsonDocument.Parse(message.Data).RootElement.GetProperty("lost").GetInt64();
                told.Should().BePositive();
                sequence.Should().Be((after ?? sequence - told) + told, "so many are lost, says {0}", message.Data);
                lost += told;
            }
            else
            {
                sequence.Should().Be((after ?? sequence - 1) + 1);
                message.Data.Should().Be(_published[sequence]);
            }

            after = sequence;
        }

        after.Should().Be(_published.Count, "all was read to its end");
        return lost;
    }

    private long SequenceIn(string id) =>
        long.Parse(id.Split(',').Single(part => part.StartsWith(channel.Epoch, StringComparison.Ordinal))[(channel.Epoch.Length + 1)..]);
}
