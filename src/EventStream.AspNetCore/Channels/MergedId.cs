using System.Buffers;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>The id on a stream of several channels: a position of each, with commas between. Owned by the subscriber's loop.</summary>
/// <param name="channels">
/// The channels. They are asked for their epochs each time, because a channel that the log does not have yet gets another one when it
/// is made.
/// </param>
internal sealed class MergedId(IReadOnlyList<EventStreamChannel> channels)
{
    private readonly long[] _sequences = new long[channels.Count];

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
            length += Positions.Write(id[length..], channels[i].Epoch, _sequences[i]);
        }

        return length;
    }
}
