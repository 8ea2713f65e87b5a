using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>The text of positions: epoch and sequence, and a comma between those of several channels.</summary>
/// <remarks>
/// An epoch is one life of one channel: three characters from the channel's name, so that a position of several can be told apart after a restart,
/// and six of chance.
/// </remarks>
internal static class Positions
{
    /// <summary>Five positions, their commas and the end mark are 128 characters.</summary>
    public const int MaxCount = 5;

    /// <summary>The longest text of one position.</summary>
    public const int MaxLength = EpochLength + 1 + MaxDigits;

    /// <summary>Never published, so that one who comes back with it is told of a gap.</summary>
    public const long MaxSequence = 99_999_999_999_999;

    /// <summary>What epochs are made of: no letter is taken for a digit or another letter.</summary>
    public const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private const int TagLength = 3;
    private const int EpochLength = 9;

    // A hundred thousand messages a second for thirty years.
    private const int MaxDigits = 14;
    private static readonly SearchValues<char> EpochCharacters = SearchValues.Create(Alphabet);

    public static string NewEpoch(string channel)
    {
        Span<char> epoch = stackalloc char[EpochLength];
        WriteTag(epoch, channel);
        RandomNumberGenerator.GetItems(Alphabet, epoch[TagLength..]);
        return new string(epoch);
    }

    /// <summary>Whether <paramref name="epoch"/> is one of a channel of this name.</summary>
    public static bool IsEpoch(ReadOnlySpan<char> epoch, string channel)
    {
        Span<char> tag = stackalloc char[TagLength];
        WriteTag(tag, channel);
        return epoch.Length == EpochLength && epoch.StartsWith(tag, StringComparison.Ordinal) && !epoch.ContainsAnyExcept(EpochCharacters);
    }

    /// <summary>Whether <paramref name="id"/> has a position of some life of a channel of this name, signed or not.</summary>
    public static bool IsOf(ReadOnlySpan<char> id, string channel)
    {
        if (id.Length > EventStreamId.MaxLength) return false;
        Span<char> tag = stackalloc char[TagLength];
        WriteTag(tag, channel);
        if (id.IndexOf(SubscriberIds.SignatureStart) is >= 0 and var signature) id = id[..signature];
        foreach (var range in id.Split(','))
        {
            if (id[range].StartsWith(tag, StringComparison.Ordinal) && TryParse(id[range], out _)) return true;
        }

        return false;
    }

    /// <summary>Writes a position, and returns how many bytes.</summary>
    public static int Write(Span<byte> output, string epoch, long sequence)
    {
        var length = Encoding.ASCII.GetBytes(epoch, output);
        output[length++] = (byte)'-';
        Utf8Formatter.TryFormat(sequence, output[length..], out var digits);
        return length + digits;
    }

    /// <summary>What <paramref name="id"/> says about the channel of <paramref name="epoch"/>: a sequence, a gap, or nothing.</summary>
    /// <param name="id">The id that the client sent: any text.</param>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="isAlone">Whether the stream is of this channel alone, so that an id of another one is no position of a channel that was just added.</param>
    /// <param name="continues">The position of an earlier epoch up to which positions are good as well; the default one for none.</param>
    public static Resume Find(ReadOnlySpan<char> id, string epoch, bool isAlone, EventStreamPosition continues = default)
    {
        var resume = isAlone ? Resume.Gap(EventStreamGapReason.Unknown) : Resume.None;
        var count = 0;
        foreach (var range in id.Split(','))
        {
            var part = id[range];
            if (++count > MaxCount || !TryParse(part, out var sequence)) return Resume.Gap(EventStreamGapReason.Malformed);
            if (part.StartsWith(epoch, StringComparison.Ordinal) || IsUpTo(continues, part, sequence)) resume = Resume.After(sequence);
            else if (part.StartsWith(epoch.AsSpan(0, TagLength), StringComparison.Ordinal) && !resume.IsPosition) resume = Resume.Gap(EventStreamGapReason.Restarted);
        }

        return resume;
    }

    private static bool IsUpTo(EventStreamPosition last, ReadOnlySpan<char> part, long sequence) =>
        last.Epoch is { } epoch && part.StartsWith(epoch, StringComparison.Ordinal) && sequence <= last.Sequence;

    private static void WriteTag(Span<char> epoch, string channel)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(channel), hash);
        for (var i = 0; i < TagLength; i++) epoch[i] = Alphabet[hash[i] % Alphabet.Length];
    }

    private static bool TryParse(ReadOnlySpan<char> part, out long sequence)
    {
        sequence = 0;
        if (part.Length is < EpochLength + 2 or > MaxLength || part[EpochLength] != '-' || part[..EpochLength].ContainsAnyExcept(EpochCharacters)) return false;
        foreach (var digit in part[(EpochLength + 1)..])
        {
            if (!char.IsAsciiDigit(digit)) return false;
            sequence = (sequence * 10) + (digit - '0');
        }

        return true;
    }
}
