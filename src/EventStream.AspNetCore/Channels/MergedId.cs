using System.Buffers;
using System.Text;

namespace EventStream.AspNetCore.Channels;

/// <summary>The id on a stream of several channels: a position of each, separated by commas.</summary>
/// <remarks>Owned by the subscriber's loop.</remarks>
/// <param name="histories">The histories of the channels.</param>
internal sealed class MergedId(ChannelHistory[] histories)
{
    private readonly long[] _sequences = new long[histories.Length];

    /// <summary>Replaces the history of a channel by its successor.</summary>
    public void Continue(int channel, ChannelHistory history) => histories[channel] = history;

    public void Begin(int channel, long sequence) => _sequences[channel] = sequence;

    /// <summary>Gets the id for another sequence of one channel, without storing that sequence.</summary>
    public string At(int channel, long sequence)
    {
        var kept = _sequences[channel];
        _sequences[channel] = sequence;
        var id = ToString();
        _sequences[channel] = kept;
        return id;
    }

    /// <summary>Writes the id line of a message, and returns the number of bytes.</summary>
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
            length += Positions.Write(id[length..], histories[i].Epoch, _sequences[i]);
        }

        return length;
    }
}
