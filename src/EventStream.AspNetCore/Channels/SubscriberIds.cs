using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>The ids of a subscriber that cannot share them: positions of several channels, or signed ones. Owned by the subscriber's loop.</summary>
internal sealed class SubscriberIds
{
    private const int SignatureBytes = 16;
    private const int SignatureLength = 22;
    public const char SignatureStart = '.';

    // Asked for their epochs each time: a channel that the log does not have yet gets another one when it is made.
    private readonly IReadOnlyList<EventStreamChannel> _channels;
    private readonly long[] _sequences;
    private readonly byte[]? _key;

    // What is signed: the user, then room for the positions, whose epochs name their channels.
    private readonly byte[] _signed;
    private readonly int _signedStart;

    public SubscriberIds(IReadOnlyList<EventStreamChannel> channels, byte[]? key, string? user)
    {
        _channels = channels;
        _sequences = new long[channels.Count];
        _key = key;
        _signed = Encoding.UTF8.GetBytes(key is null ? "" : user + "\0");
        _signedStart = _signed.Length;
        Array.Resize(ref _signed, _signedStart + EventStreamId.MaxLength);
    }

    /// <summary>The most channels whose positions and signature, with the end mark, fit into an id.</summary>
    public static int MostChannels(bool signed) =>
        (EventStreamId.MaxLength - Wire.EndMark.Suffix.Length - (signed ? SignatureLength + 1 : 0) + 1) / (Positions.MaxLength + 1);

    /// <summary>Checks the signature of an id, and returns the positions before it; null if it is not ours for this user.</summary>
    public string? Verify(string id)
    {
        if (_key is null) return id;
        var start = id.LastIndexOf(SignatureStart);
        if (start < 0 || id.Length > EventStreamId.MaxLength || id.Length - start - 1 != SignatureLength) return null;
        Span<byte> signature = stackalloc byte[SignatureLength];
        if (!Encoding.UTF8.TryGetBytes(id.AsSpan(0, start), _signed.AsSpan(_signedStart), out var length)) return null;
        Sign(length, signature);
        Span<byte> sent = stackalloc byte[SignatureLength];
        return Encoding.UTF8.TryGetBytes(id.AsSpan(start + 1), sent, out var sentLength) && CryptographicOperations.FixedTimeEquals(sent[..sentLength], signature)
            ? id[..start]
            : null;
    }

    public void Begin(int channel, long sequence) => _sequences[channel] = sequence;

    /// <summary>The id where one of the channels is at another sequence, which is not kept.</summary>
    public string At(int channel, long sequence)
    {
        var kept = _sequences[channel];
        _sequences[channel] = sequence;
        var id = ToString();
        _sequences[channel] = kept;
        return id;
    }

    /// <summary>Writes the id line of a message, and returns how many bytes.</summary>
    public int WriteLine(IBufferWriter<byte> output, int channel, long sequence)
    {
        _sequences[channel] = sequence;
        var line = output.GetSpan("id: \n"u8.Length + EventStreamId.MaxLength);
        "id: "u8.CopyTo(line);
        var length = 4 + Format(line[4..]);
        line[length++] = (byte)'\n';
        output.Advance(length);
        return length;
    }

    public override string ToString()
    {
        Span<byte> id = stackalloc byte[EventStreamId.MaxLength];
        return Encoding.ASCII.GetString(id[..Format(id)]);
    }

    private int Format(Span<byte> id)
    {
        var length = 0;
        for (var i = 0; i < _sequences.Length; i++)
        {
            if (i > 0) id[length++] = (byte)',';
            length += Positions.Write(id[length..], _channels[i].Epoch, _sequences[i]);
        }

        if (_key is null) return length;
        id[..length].CopyTo(_signed.AsSpan(_signedStart));
        id[length] = (byte)SignatureStart;
        Sign(length, id[(length + 1)..]);
        return length + 1 + SignatureLength;
    }

    private void Sign(int length, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key!, _signed.AsSpan(0, _signedStart + length), hash);
        Base64Url.EncodeToUtf8(hash[..SignatureBytes], signature[..SignatureLength]);
    }
}
