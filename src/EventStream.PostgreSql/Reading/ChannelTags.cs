namespace EventStream.PostgreSql.Reading;

/// <summary>Caches the three characters of a channel's epochs that are derived from its name.</summary>
/// <remarks>
/// They are a hash that each read needs. Each name has one place in the table, and replaces the name that was there. So the cache has a
/// fixed size, also if clients ask for made-up names. Safe from any thread.
/// </remarks>
internal sealed class ChannelTags
{
    private const int Places = 4096;
    private readonly Kept?[] _kept = new Kept?[Places];

    public string Of(string channel)
    {
        ref var place = ref _kept[(uint)channel.GetHashCode(StringComparison.Ordinal) % Places];
        if (Volatile.Read(ref place) is { } kept && kept.Channel == channel) return kept.Tag;

        // All epochs of a channel begin with the same three characters, so those of a new one serve.
        var tag = EventStreamPosition.NewEpoch(channel)[..3];
        Volatile.Write(ref place, new(channel, tag));
        return tag;
    }

    private sealed record Kept(string Channel, string Tag);
}
