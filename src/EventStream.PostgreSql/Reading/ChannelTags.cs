namespace EventStream.PostgreSql.Reading;

/// <summary>Keeps the three characters of a channel's epochs that come from its name.</summary>
/// <remarks>
/// They come from a hash, and each read needs them. Each name has one place, and takes it from the name that was there.
/// So made-up names of clients take no more memory. Safe from any thread.
/// </remarks>
internal sealed class ChannelTags
{
    private const int Places = 4096;
    private readonly Kept?[] _kept = new Kept?[Places];

    public string Of(string channel)
    {
        ref var place = ref _kept[(uint)channel.GetHashCode(StringComparison.Ordinal) % Places];
        if (Volatile.Read(ref place) is { } kept && kept.Channel == channel) return kept.Tag;

        // By any epoch of a channel one knows what its name gives to all of them.
        var tag = EventStreamPosition.NewEpoch(channel)[..3];
        Volatile.Write(ref place, new(channel, tag));
        return tag;
    }

    private sealed record Kept(string Channel, string Tag);
}
