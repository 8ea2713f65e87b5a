namespace EventStream.AspNetCore.Channels;

/// <summary>The idempotency keys of a ring's messages.</summary>
/// <remarks>
/// Owned by the ring, under its history's lock. A list's key is kept as long as its last message. The positions of all its messages follow
/// from that one, also if the first ones were evicted.
/// </remarks>
internal sealed class RepeatableKeys
{
    // With IsList, so that the key of a message never equals the key of a list.
    private readonly Dictionary<(string Key, bool IsList), (long Last, int Length)> _kept = [];

    /// <summary>Whether messages were published before with the same key; if so, sets the earlier sequences.</summary>
    /// <exception cref="InvalidOperationException">The earlier list has another length.</exception>
    public bool AreRepeated(Span<RingEntry> entries, bool isList)
    {
        if (entries[0].Metadata?.IdempotencyKey is not { } key || !_kept.TryGetValue((key, isList), out var kept)) return false;
        if (kept.Length != entries.Length)
        {
            throw new InvalidOperationException(
                $"A list of {kept.Length} messages was published with the idempotency key '{key}', and this list has {entries.Length}. "
                + "Repeat the same messages, or give the list another key.");
        }

        for (var i = 0; i < entries.Length; i++) entries[i].Sequence = kept.Last - entries.Length + 1 + i;
        return true;
    }

    /// <summary>
    /// Adds the key of a message, or of a list, whose last message has the sequence <paramref name="last"/>.
    /// </summary>
    public void Add(string key, bool isList, long last, int length) => _kept[(key, isList)] = (last, length);

    /// <summary>Removes the key of a message, or of the list that ends with it.</summary>
    public void Remove(string key, long sequence)
    {
        Remove((key, false), sequence);
        Remove((key, true), sequence);
    }

    private void Remove((string Key, bool IsList) key, long sequence)
    {
        if (_kept.TryGetValue(key, out var kept) && kept.Last == sequence) _kept.Remove(key);
    }
}
