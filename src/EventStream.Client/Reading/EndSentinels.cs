using System.Text;

namespace EventStream.Client.Reading;

/// <summary>The caller's <see cref="EventStreamClientOptions.EndSentinels"/>, as they stand on the wire.</summary>
internal sealed class EndSentinels(IReadOnlyCollection<string>? sentinels)
{
    private readonly byte[][] _sentinels = [.. (sentinels ?? []).Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether the data of an event is one of them.</summary>
    public bool Contain(ReadOnlySpan<byte> data)
    {
        foreach (var sentinel in _sentinels)
        {
            if (data.SequenceEqual(sentinel)) return true;
        }

        return false;
    }
}
