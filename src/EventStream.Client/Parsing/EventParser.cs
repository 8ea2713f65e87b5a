using System.Buffers.Binary;
using System.Text;

namespace EventStream.Client.Parsing;

/// <summary>Parses the bytes of one stream as they arrive (HTML, section 9.2.6).</summary>
/// <remarks>
/// Not thread-safe. The connection repeats three steps:
/// <list type="number">
/// <item>Read bytes into <see cref="GetMemory"/>.</item>
/// <item>Call <see cref="Advance"/> with their number.</item>
/// <item>Call <see cref="Read"/> until it returns false. The properties hold the event until the next call of any method.</item>
/// </list>
/// </remarks>
internal sealed class EventParser(SourceState source, int mostBytes) : IDisposable
{
    /// <summary>The most bytes of an id.</summary>
    /// <remarks>The client sends the id back in a header, and servers refuse a header line of more than 8 KiB.</remarks>
    public const int LongestId = 8000;

    /// <summary>The most bytes of a type that is kept for the next event.</summary>
    /// <remarks>A longer one would occupy memory for as long as the connection lasts.</remarks>
    public const int LongestKnownType = 256;

    private const int LongestName = 6;

    // "data", as a number.
    private const uint DataName = 0x61_74_61_64;

    private LineBuffer _lines = new(mostBytes + LongestName);
    private JoinedLines _joined = new();
    private bool _hasBegun;
    // 0: none. 1: one line, still in the line buffer. 2: several lines, joined.
    private int _dataLines;
    private int _dataLength;
    private string _type = "";
    private string _knownType = "";
    private bool _hasTypeOrId;
    // A stream begins with the position of the previous one, as in browsers; the standard's text would reset it (decision 34).
    private string _id = source.LastEventId;

    /// <summary>The event's type; <c>message</c> if it has none.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The position after the event.</summary>
    public string LastEventId => source.LastEventId;

    /// <summary>The event's data in UTF-8, unchecked.</summary>
    public ReadOnlySpan<byte> Data => _dataLines == 1 ? _lines.FromPin(_dataLength) : _joined.Bytes;

    /// <summary>Whether the bytes so far stop inside an event.</summary>
    /// <remarks>
    /// That is after a <c>data</c>, <c>event</c> or <c>id</c> line without its blank line, or inside any line. Valid once
    /// <see cref="Read"/> has returned false. A stream that ends here was cut, even if its connection ended cleanly.
    /// </remarks>
    public bool IsInsideEvent => _dataLines > 0 || _hasTypeOrId || _lines.IsInsideLine;

    /// <summary>Room for the next bytes; at least one.</summary>
    /// <exception cref="EventStreamClientException">The event is too large.</exception>
    public Memory<byte> GetMemory()
    {
        // A line that cannot be a field is dropped: a comment may have any length, and would fill the buffer.
        if (_hasBegun && _lines.Unfinished is { Length: > LongestName } line && !IsField(line)) _lines.DropLine();
        // Data that stays pinned in the buffer would keep every later line of its event in memory too.
        if (_lines.IsNearlyFull && _dataLines == 1) JoinData();
        return _lines.GetMemory();
    }

    public void Advance(int count) => _lines.Advance(count);

    /// <summary>Reads on to the next event; false if that needs more bytes.</summary>
    /// <exception cref="EventStreamClientException">The event is too large.</exception>
    public bool Read()
    {
        if (Type.Length > 0) Clear();
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

    // The standard's "UTF-8 decode" removes one byte order mark.
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
        // Nearly all lines are data lines. The switch below takes twice as long for an event of many lines (Parsing benchmark).
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

    // Most events have the type of the previous one, so its string is used again.
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
                $"An id of the stream has {id.Length} bytes; at most {LongestId} are allowed, because the client sends it back in a header."
                + " Have the server send a shorter id.");
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
            throw new EventStreamClientException(
                $"An event of the stream has more than {mostBytes} bytes. "
                + $"If such events are expected, raise {nameof(EventStreamClientOptions.MaxEventBytes)}.");
        }

        if (_dataLines == 0)
        {
            // Most events have one line. It stays in the line buffer, which saves a copy (Parsing benchmark).
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

    /// <summary>Moves the single data line from the line buffer to the joined lines.</summary>
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

    private void Clear()
    {
        _lines.Unpin();
        _joined.Clear();
        _dataLines = 0;
        _type = Type = "";
    }
}
