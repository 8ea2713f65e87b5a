using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>The epochs of the channels in memory: each names one history, and a made-up one is told from one that was drawn.</summary>
/// <remarks>
/// <para>
/// A channel that nobody has published to is dropped with its last subscriber, and keeps nothing. Made again, it has the same epoch, so
/// the position that its subscribers were told still means "before the first message". The epoch is used up when its history begins.
/// </para>
/// <para>
/// An epoch is the number of histories that had begun, encrypted under the process's key and the channel's name. So it looks like chance,
/// and one that is decrypted to a number that was not reached was not drawn here. What is counted is shared by the names with the same
/// three characters in front: at most 32,768 counters, however many names there are.
/// </para>
/// <para>Any thread may call any member.</para>
/// </remarks>
internal sealed class MemoryEpochs
{
    private const int Rounds = 4;
    private const int HalfBits = Positions.ChanceBits / 2;
    private const int HalfMask = (1 << HalfBits) - 1;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    // How many histories have begun, by the characters that come from the name.
    private readonly ConcurrentDictionary<string, int> _begun = new(StringComparer.Ordinal);

    /// <summary>The epoch of a channel's history that has not begun.</summary>
    public string Next(string channel)
    {
        var tag = Positions.TagOf(channel);
        return Positions.EpochOf(tag, Encrypt(channel, _begun.GetValueOrDefault(tag)));
    }

    /// <summary>The history that has the next epoch has begun, so that no other one gets it.</summary>
    public void Begin(string channel) => _begun.AddOrUpdate(Positions.TagOf(channel), 1, static (_, begun) => begun + 1);

    /// <summary>Whether an epoch, of the form that a channel of this name has, is one that <see cref="Next"/> has returned.</summary>
    public bool HasDrawn(string channel, ReadOnlySpan<char> epoch) =>
        Decrypt(channel, Positions.ChanceOf(epoch)) <= _begun.GetValueOrDefault(Positions.TagOf(channel));

    // A Feistel network: a permutation of all numbers of so many bits.
    private int Encrypt(string channel, int number)
    {
        var (left, right) = ((number >> HalfBits) & HalfMask, number & HalfMask);
        for (var round = 0; round < Rounds; round++) (left, right) = (right, left ^ Hash(channel, round, right));
        return (left << HalfBits) | right;
    }

    private int Decrypt(string channel, int number)
    {
        var (left, right) = ((number >> HalfBits) & HalfMask, number & HalfMask);
        for (var round = Rounds - 1; round >= 0; round--) (left, right) = (right ^ Hash(channel, round, left), left);
        return (left << HalfBits) | right;
    }

    private int Hash(string channel, int round, int half)
    {
        var input = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(channel)];
        BinaryPrimitives.WriteInt32LittleEndian(input, (round << HalfBits) | half);
        Encoding.UTF8.GetBytes(channel, input.AsSpan(sizeof(int)));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, input, hash);
        return BinaryPrimitives.ReadUInt16LittleEndian(hash) & HalfMask;
    }
}
