using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>Draws the epochs of channels in memory, and recognises the ones that it has drawn.</summary>
/// <remarks>
/// <para>
/// A channel without a message is dropped with its last subscriber, and keeps no state. If it is created again, it gets the same epoch, so
/// that the position of its subscribers still means "before the first message". The first message of its history uses the epoch up.
/// </para>
/// <para>
/// An epoch is the number of histories that had begun, encrypted under the process's key and the channel's name. So it looks random. An
/// epoch that decrypts to a larger number than the current count was not drawn here. Names whose epochs begin with the same three
/// characters share a counter: there are at most 32,768 counters for any number of names.
/// </para>
/// <para>Any thread may call any member.</para>
/// </remarks>
internal sealed class MemoryEpochs
{
    private const int Rounds = 4;
    private const int HalfBits = Positions.RandomBits / 2;
    private const int HalfMask = (1 << HalfBits) - 1;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    // How many histories have begun, by the three characters that come from the name.
    private readonly ConcurrentDictionary<string, int> _begun = new(StringComparer.Ordinal);

    /// <summary>Draws the epoch of a channel's history that has not begun.</summary>
    public string Next(string channel)
    {
        var tag = Positions.TagOf(channel);
        return Positions.EpochOf(tag, Encrypt(channel, _begun.GetValueOrDefault(tag)));
    }

    /// <summary>Notes that the history with the next epoch has begun, so that no other one gets it.</summary>
    public void Begin(string channel) => _begun.AddOrUpdate(Positions.TagOf(channel), 1, static (_, begun) => begun + 1);

    /// <summary>Whether <see cref="Next"/> has returned an epoch, which must have the form of one of the channel.</summary>
    public bool HasDrawn(string channel, ReadOnlySpan<char> epoch) =>
        Decrypt(channel, Positions.RandomPartOf(epoch)) <= _begun.GetValueOrDefault(Positions.TagOf(channel));

    // A Feistel network: a permutation of all numbers of RandomBits bits, so that it can be decrypted.
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
