using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Reads and writes positions: epoch and sequence, with commas between those of several channels.</summary>
/// <remarks>
/// An epoch has three characters from the channel's name, and six random characters. The first three match each of several positions to its
/// channel after a restart.
/// </remarks>
internal static class Positions
{
    /// <summary>Five positions, their commas and the end mark are 128 characters.</summary>
    public const int MaxCount = 5;

    /// <summary>The longest text of one position.</summary>
    public const int MaxLength = EpochLength + 1 + MaxDigits;

    /// <summary>The largest sequence. It is never published, so a client that resumes with it gets a gap.</summary>
    public const long MaxSequence = 99_999_999_999_999;

    /// <summary>The characters of epochs, without letters that look like a digit or another letter.</summary>
    public const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The bits of an epoch that do not come from the name: five a character.</summary>
    public const int RandomBits = 5 * (EpochLength - TagLength);

    private const int TagLength = 3;
    private const int EpochLength = 9;

    // Enough for a hundred thousand messages a second for thirty years.
    private const int MaxDigits = 14;
    private static readonly SearchValues<char> EpochCharacters = SearchValues.Create(Alphabet);

    public static string NewEpoch(string channel)
    {
        Span<char> epoch = stackalloc char[EpochLength];
        WriteTag(epoch, channel);
        RandomNumberGenerator.GetItems(Alphabet, epoch[TagLength..]);
        return new string(epoch);
    }

    /// <summary>
    /// Whether <paramref name="epoch"/> has the form of an epoch of a channel of this name.
    /// </summary>
    public static bool IsEpoch(ReadOnlySpan<char> epoch, string channel)
    {
        Span<char> tag = stackalloc char[TagLength];
        WriteTag(tag, channel);
        return epoch.Length == EpochLength && epoch.StartsWith(tag, StringComparison.Ordinal) && !epoch.ContainsAnyExcept(EpochCharacters);
    }

    /// <summary>Gets the characters of a channel's epochs that come from its name.</summary>
    public static string TagOf(string channel) => string.Create(TagLength, channel, WriteTag);

    /// <summary>Composes the epoch of a tag and <see cref="RandomBits"/>.</summary>
    public static string EpochOf(string tag, int random) => string.Create(EpochLength, (tag, random), static (epoch, parts) =>
    {
        parts.tag.CopyTo(epoch);
        var left = parts.random;
        for (var i = EpochLength - 1; i >= TagLength; i--)
        {
            epoch[i] = Alphabet[left & 31];
            left >>= 5;
        }
    });

    /// <summary>Gets the bits of an epoch that do not come from the name.</summary>
    public static int RandomPartOf(ReadOnlySpan<char> epoch)
    {
        var random = 0;
        foreach (var character in epoch[TagLength..]) random = (random << 5) | Alphabet.IndexOf(character, StringComparison.Ordinal);
        return random;
    }

    /// <summary>
    /// Whether <paramref name="id"/> has a position of a channel of this name with an epoch that a function accepts.
    /// </summary>
    public static bool HasEpoch(ReadOnlySpan<char> id, string channel, Func<string, bool> isOne)
    {
        if (id.Length > EventStreamId.MaxLength) return false;
        var tag = TagOf(channel);
        id = EndMark.Before(id);
        foreach (var range in id.Split(','))
        {
            var part = id[range];
            if (!part.StartsWith(tag, StringComparison.Ordinal) || !TryParse(part, out _)) continue;
            if (isOne(part[..EpochLength].ToString())) return true;
        }

        return false;
    }

    /// <summary>Writes a position, and returns the number of bytes.</summary>
    public static int Write(Span<byte> output, string epoch, long sequence)
    {
        var length = Encoding.ASCII.GetBytes(epoch, output);
        output[length++] = (byte)'-';
        Utf8Formatter.TryFormat(sequence, output[length..], out var digits);
        return length + digits;
    }

    /// <summary>
    /// Finds the position of the channel of <paramref name="epoch"/> in an id.
    /// </summary>
    /// <param name="id">
    /// The id that the client sent: any text. A client whose id has the end mark has read the histories of its positions to their ends. So
    /// it has lost nothing of another history, and begins with its first message.
    /// </param>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="isAlone">
    /// Whether the stream has only this channel. Then an id of another channel gives a gap. Otherwise this channel may just have been added
    /// to the stream, and has no position yet.
    /// </param>
    /// <param name="origin">
    /// The epoch of the position before the channel's first message; null: only the channel's own epoch counts.
    /// </param>
    /// <param name="continues">The last position of an earlier epoch that can be resumed as well; null if there is none.</param>
    public static Resume Find(
        ReadOnlySpan<char> id, string epoch, bool isAlone, string? origin = null, EventStreamPosition? continues = null)
    {
        var hasReadOthers = EndMark.IsOn(id);
        id = EndMark.Before(id);
        var resume = !isAlone ? Resume.None : hasReadOthers ? Resume.AfterOther : Resume.Gap(EventStreamGapReason.Unknown);
        var isFound = false;
        var count = 0;
        foreach (var range in id.Split(','))
        {
            var part = id[range];
            if (++count > MaxCount || !TryParse(part, out var sequence)) return Resume.Gap(EventStreamGapReason.Malformed);
            if (part.StartsWith(epoch, StringComparison.Ordinal) || IsUpTo(continues, part, sequence))
            {
                (resume, isFound) = (Resume.After(sequence), true);
            }
            else if (isFound || !part.StartsWith(epoch.AsSpan(0, TagLength), StringComparison.Ordinal)) continue;
            else if (sequence == 0 && origin is not null && part.StartsWith(origin, StringComparison.Ordinal))
            {
                (resume, isFound) = (Resume.After(0), true);
            }
            else resume = hasReadOthers ? Resume.AfterOther : Resume.Gap(EventStreamGapReason.Restarted);
        }

        return resume;
    }

    /// <summary>
    /// Whether <paramref name="id"/> has a position of each channel's history.
    /// </summary>
    /// <param name="id">The id, with or without its end mark.</param>
    /// <param name="histories">The histories of the channels; null for a channel without one.</param>
    public static bool AreOver(ReadOnlySpan<char> id, IReadOnlyList<KnownHistory?> histories)
    {
        id = EndMark.Before(id);
        foreach (var history in histories)
        {
            if (history is { } known && !Find(id, known.Epoch, isAlone: true, continues: known.Continues).IsPosition) return false;
        }

        return true;
    }

    private static bool IsUpTo(EventStreamPosition? known, ReadOnlySpan<char> part, long sequence) =>
        known is { } last && part.StartsWith(last.Epoch, StringComparison.Ordinal) && sequence <= last.Sequence;

    private static void WriteTag(Span<char> epoch, string channel)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(channel), hash);
        for (var i = 0; i < TagLength; i++) epoch[i] = Alphabet[hash[i] % Alphabet.Length];
    }

    /// <summary>Reads the text of one position.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReadOnlySpan<char> epoch, out long sequence)
    {
        var isOne = TryParse(text, out sequence);
        epoch = isOne ? text[..EpochLength] : default;
        return isOne;
    }

    private static bool TryParse(ReadOnlySpan<char> part, out long sequence)
    {
        sequence = 0;
        if (part.Length is < EpochLength + 2 or > MaxLength || part[EpochLength] != '-') return false;
        if (part[..EpochLength].ContainsAnyExcept(EpochCharacters)) return false;
        foreach (var digit in part[(EpochLength + 1)..])
        {
            if (!char.IsAsciiDigit(digit)) return false;
            sequence = (sequence * 10) + (digit - '0');
        }

        return true;
    }
}
