using System.Buffers.Binary;
using System.Text;

namespace EventStream.Client.Parsing;

/// <summary>Interprets the bytes of one stream, as they come (HTML, section 9.2.6).</summary>
/// <remarks>
/// One owner. Bytes go into <see cref="GetMemory"/>, then <see cref="Advance"/>, then <see cref="Read"/> until it returns false. What it
/// has read stands in the properties until the next call of either.
/// </remarks>
internal sealed class EventParser(SourceState source, int mostBytes) : IDisposable
{
    /// <summary>The most bytes of an id. Servers refuse a header line of more than 8 KiB.</summary>
    public const int LongestId = 8000;

    /// <summary>The most bytes of a type that is kept for the next event: a long one would be held as long as the connection.</summary>
    public const int LongestKnownType = 256;

    private const int LongestName = 6;

    // "data", as a number.
    private const uint DataName = 0x61_74_61_64;

    private LineBuffer _lines = new(mostBytes + LongestName);
    private JoinedLines _joined = new();
    private bool _hasBegun;
    // None, one, which is in the buffer, or 2 for several, which are joined.
    private int _dataLines;
    private int _dataLength;
    private string _type = "";
    private string _knownType = "";
    private bool _hasTypeOrId;
    // A stream begins with the position of the one before it, as browsers do, where the standard's letter would forget it (decision 34).
    private string _id = source.LastEventId;

    /// <summary>The event's type; <c>message</c> if it has none.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The position after the event.</summary>
    public string LastEventId => source.LastEventId;

    /// <summary>The event's data in UTF-8, unchecked.</summary>
    public ReadOnlySpan<byte> Data => _dataLines == 1 ? _lines.FromPin(_dataLength) : _joined.Bytes;

    /// <summary>
    /// Whether the bytes so far stop inside an event: after a <c>data</c>, <c>event</c> or <c>id</c> line without its blank line, or inside
    /// any line.
    /// </summary>
    /// <remarks>Valid once <see cref="Read"/> has returned false. A stream that ends here was cut, whatever its connection says.</remarks>
    public bool IsInsideEvent => _dataLines > 0 || _hasTypeOrId || _lines.IsInsideLine;

    /// <summary>Room for the next bytes; at least one.</summary>
    /// <exception cref="EventStreamClientException">The event is too large.</exception>
    public Memory<byte> GetMemory()
    {
        // What cannot become a field is not kept: a comment may be of any length.
        if (_hasBegun && _lines.Unfinished is { Length: > LongestName } line && !IsField(line)) _lines.DropLine();
        // Nor is what follows the data within its event.
        if (_lines.IsNearlyFull && _dataLines == 1) JoinData();
        return _lines.GetMemory();
    }

    public void Advance(int count) => _lines.Advance(count);

    /// <summary>Reads on to the next event; false if that needs more bytes.</summary>
    /// <exception cref="EventStreamClientException">The event is too large.</exception>
    public bool Read()
    {
        if (Type.Length > 0) Forget();
        if (!_hasBegun && !TryBegin()) return false;
        while (_lines.TryReadLine(out var start, out var length))
        {
            if (length > 0) ReadField(start, length);
            else if (TryDispatch()) return true;
        }

        return false;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _joined.Dispose();
    }

    private static bool IsField(ReadOnlySpan<byte> line) =>
        line.StartsWith("data:"u8) || line.StartsWith("id:"u8) || line.StartsWith("event:"u8) || line.StartsWith("retry:"u8);

    // "UTF-8 decode" takes one byte order mark away.
    private bool TryBegin()
    {
        var mark = "\uFEFF"u8;
        var first = _lines.Unfinished;
        if (first.Length < mark.Length && mark.StartsWith(first)) return false;
        if (first.StartsWith(mark)) _lines.Skip(mark.Length);
        return _hasBegun = true;
    }

    private void ReadField(int start, int length)
    {
        var line = _lines.Slice(start, length);
        // Nearly all lines are this one; the general way takes twice as long for an event of many (Parsing benchmark).
        if (line.Length > 5 && line[4] == ':' && BinaryPrimitives.ReadUInt32LittleEndian(line) == DataName)
        {
            var at = line[5] == ' ' ? 6 : 5;
            AddData(line[at..], start + at);
            return;
        }

        switch (line[0])
        {
            case (byte)'d' when TryGetValue(line, "data"u8, out var data):
                AddData(data, start + length - data.Length);
                break;
            case (byte)'i' when TryGetValue(line, "id"u8, out var id):
                TakeId(id);
                _hasTypeOrId = true;
                break;
            case (byte)'e' when TryGetValue(line, "event"u8, out var type):
                _type = TypeOf(type);
                _hasTypeOrId = true;
                break;
            case (byte)'r' when TryGetValue(line, "retry"u8, out var retry):
                source.TakeRetry(retry);
                break;
        }
    }

    // Most events of a stream have the type of the one before.
    private string TypeOf(ReadOnlySpan<byte> type)
    {
        if (Ascii.Equals(type, _knownType)) return _knownType;
        var text = Encoding.UTF8.GetString(type);
        if (type.Length <= LongestKnownType) _knownType = text;
        return text;
    }

    private void TakeId(ReadOnlySpan<byte> id)
    {
        if (id.Length > LongestId)
        {
            throw new EventStreamClientException(
                $"An id of the stream has {id.Length} bytes. It is sent back in a header, so it may have {LongestId} at most.");
        }

        if (!id.Contains((byte)0)) _id = Encoding.UTF8.GetString(id);
    }

    private static bool TryGetValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = line[Math.Min(name.Length, line.Length)..];
        if (!line.StartsWith(name)) return false;
        if (value.IsEmpty) return true;
        if (value[0] != ':') return false;
        value = value[(value.Length > 1 && value[1] == ' ' ? 2 : 1)..];
        return true;
    }

    private void AddData(ReadOnlySpan<byte> line, int start)
    {
        var length = _dataLines == 0 ? line.Length : _dataLength + 1 + line.Length;
        if (length > mostBytes)
        {
            throw new EventStreamClientException($"One event of the stream has more than {mostBytes} bytes. Set {nameof(EventStreamClientOptions.MaxEventBytes)} higher if such events are meant.");
        }

        if (_dataLines == 0)
        {
            // Most events have one line: it stays where it was read (Parsing benchmark).
            _lines.Pin(start);
        }
        else
        {
            if (_dataLines == 1) JoinData();
            _joined.Append(line);
        }

        _dataLength = length;
        _dataLines = Math.Min(_dataLines + 1, 2);
    }

    /// <summary>Takes the one line of data out of the buffer, to where several are.</summary>
    private void JoinData()
    {
        _joined.Start(_lines.FromPin(_dataLength));
        _lines.Unpin();
        _dataLines = 2;
    }

    private bool TryDispatch()
    {
        source.LastEventId = _id;
        _hasTypeOrId = false;
        if (_dataLines == 0)
        {
            _type = "";
            return false;
        }

        Type = _type.Length == 0 ? EventStreamClientEvent.DefaultType : _type;
        return true;
    }

    private void Forget()
    {
        _lines.Unpin();
        _joined.Clear();
        _dataLines = 0;
        _type = Type = "";
    }
}
