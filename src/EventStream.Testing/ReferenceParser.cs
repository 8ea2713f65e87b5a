using System.Globalization;
using System.Text;
using EventStream.Testing.Reading;

namespace EventStream.Testing;

/// <summary>Parses a stream's bytes exactly as the standard says.</summary>
/// <remarks>
/// It follows HTML, section 9.2.6, "Interpreting an event stream", step by step and without regard for speed. So a reader can compare it
/// with the standard by eye. For one connection, and one thread at a time. Bytes after the last blank line are an unfinished event, which
/// the end of the stream discards with its id.
/// </remarks>
public sealed class ReferenceParser
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _data = new();
    private string _eventType = "";
    private string _lastEventIdBuffer;
    private string? _id;
    private bool _hasField;
    private bool _hasBegun;
    private bool _isAfterCr;

    /// <summary>Creates a parser for a connection's bytes.</summary>
    /// <param name="lastEventId">
    /// The position that the client asked for. It holds until the server sends another. Empty, the default: none.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="lastEventId"/> is null.</exception>
    public ReferenceParser(string lastEventId = "")
    {
        ArgumentNullException.ThrowIfNull(lastEventId);
        LastEventId = _lastEventIdBuffer = lastEventId;
    }

    /// <summary>The events so far: a copy.</summary>
    public IReadOnlyList<TestEvent> Events => [.. Items.OfType<StreamItem.Event>().Select(item => item.Value)];

    /// <summary>The text after the colon of each comment line so far: a copy.</summary>
    /// <remarks>The standard drops comments; here they show what was on the wire.</remarks>
    public IReadOnlyList<string> Comments => [.. Items.OfType<StreamItem.Comment>().Select(item => item.Text)];

    /// <summary>The reconnection time; null if no field has set it, or an empty one has reset it.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>The last event ID string, which a reconnect sends.</summary>
    public string LastEventId { get; private set; }

    /// <summary>Whether the bytes so far stop inside an event.</summary>
    /// <remarks>
    /// That is after a <c>data</c>, <c>event</c> or <c>id</c> line without its blank line, or inside any line. A stream that ends there was
    /// cut. A stream that ends after whole comment and <c>retry</c> lines alone was not.
    /// </remarks>
    public bool IsInsideEvent => _hasField || _line.Length > 0 || IsInsideCharacter;

    internal List<StreamItem> Items { get; } = [];

    private bool IsInsideCharacter => _decoder.GetCharCount([], flush: true) > 0;

    /// <summary>Reads a whole stream.</summary>
    /// <param name="stream">The stream's bytes.</param>
    /// <returns>The parser that has read the stream.</returns>
    public static ReferenceParser Parse(ReadOnlySpan<byte> stream)
    {
        var parser = new ReferenceParser();
        parser.Read(stream);
        return parser;
    }

    /// <summary>Reads a whole stream.</summary>
    /// <param name="stream">The stream's text.</param>
    /// <returns>The parser that has read the stream.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    public static ReferenceParser Parse(string stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Parse(Encoding.UTF8.GetBytes(stream));
    }

    /// <summary>Reads the next bytes, which may begin and end anywhere: inside a character, or between CR and LF.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        var text = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, text, flush: false);
        foreach (var character in text) Read(character);
    }

    private void Read(char character)
    {
        // The standard's "UTF-8 decode" removes one byte order mark.
        var isMark = !_hasBegun && character == '\uFEFF';
        _hasBegun = true;
        if (isMark) return;

        // A CR ends its line at once; an LF right after it belongs to it.
        var isRestOfCrLf = _isAfterCr && character == '\n';
        _isAfterCr = character == '\r';
        if (isRestOfCrLf && _raw.Length == 0) return;
        _raw.Append(character);
        if (isRestOfCrLf) return;

        if (character is not ('\r' or '\n'))
        {
            _line.Append(character);
            return;
        }

        var line = _line.ToString();
        _line.Clear();
        Interpret(line);
    }

    private void Interpret(string line)
    {
        if (line.Length == 0)
        {
            Dispatch();
            return;
        }

        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
        {
            Items.Add(new StreamItem.Comment(line[1..]));
        }
        else if (colon > 0)
        {
            var value = line[(colon + 1)..];
            if (value.StartsWith(' ')) value = value[1..];
            ProcessField(line[..colon], value);
        }
        else
        {
            ProcessField(line, "");
        }
    }

    private void ProcessField(string name, string value)
    {
        _hasField |= name is "event" or "data" or "id";
        switch (name)
        {
            case "event":
                _eventType = value;
                break;
            case "data":
                _data.Append(value).Append('\n');
                break;
            case "id":
                if (!value.Contains('\0', StringComparison.Ordinal)) _lastEventIdBuffer = _id = value;
                break;
            case "retry":
                // As in Chromium and WebKit (decision 33): an empty value restores the default, and more than 64 bits are ignored.
                if (value.Length == 0) Retry = null;
                else if (value.All(char.IsAsciiDigit) && ulong.TryParse(value, CultureInfo.InvariantCulture, out var milliseconds))
                {
                    SetRetry(milliseconds);
                }
                break;
        }
    }

    private void SetRetry(ulong milliseconds)
    {
        // Limited to the largest TimeSpan.
        Retry = milliseconds < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds((long)milliseconds) : TimeSpan.MaxValue;
        Items.Add(new StreamItem.Retry(Retry.Value));
    }

    private void Dispatch()
    {
        LastEventId = _lastEventIdBuffer;
        if (_data.Length > 0)
        {
            if (_data[^1] == '\n') _data.Length--;
            var type = _eventType.Length == 0 ? "message" : _eventType;
            Items.Add(new StreamItem.Event(new(type, _data.ToString(), LastEventId) { Id = _id, Raw = _raw.ToString() }));
        }
        else if (_id is not null)
        {
            Items.Add(new StreamItem.Position(_id));
        }

        _data.Clear();
        _hasField = false;
        _eventType = "";
        _id = null;
        _raw.Clear();
    }
}
