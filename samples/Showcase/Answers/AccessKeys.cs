using System.Security.Cryptography;

namespace Showcase.Answers;

/// <summary>
/// Keys that open one stream each. At most <see cref="Capacity"/> are unused, and a new one takes the place of the oldest.
/// </summary>
internal sealed class AccessKeys
{
    public const int Capacity = 1000;

    private readonly Lock _gate = new();

    // Owned by the gate; the oldest comes first.
    private readonly List<string> _unused = [];

    public string Make()
    {
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        lock (_gate)
        {
            if (_unused.Count == Capacity) _unused.RemoveAt(0);
            _unused.Add(key);
        }

        return key;
    }

    /// <summary>Uses a key up; false if there is no such key.</summary>
    public bool TryUse(string? key)
    {
        lock (_gate) return key is not null && _unused.Remove(key);
    }
}
