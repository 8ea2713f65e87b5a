using System.Text;

namespace EventStream.Client.Reading;

/// <summary>The app's <see cref="EventStreamClientOptions.EndSentinels"/> in UTF-8, as on the wire.</summary>
internal sealed class EndSentinels(IReadOnlyCollection<string>? sentinels)
{
    private readonly byte[][] _sentinels = [.. (sentinels ?? []).Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether the data of an event is a sentinel.</summary>
    public bool Contain(ReadOnlySpan<byte> data)
    {
        foreach (var sentinel in _sentinels)
        {
            if (data.SequenceEqual(sentinel)) return true;
        }

        return false;
    }
}
