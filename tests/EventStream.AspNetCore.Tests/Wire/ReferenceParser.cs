using System.Text;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed record ReferenceEvent(string Type, string Data, string LastEventId);

/// <summary>
/// What a client makes of a stream: HTML, section 9.2.6, "Interpreting an event stream", to the letter and without any care for speed,
/// so that it can be checked against the standard by eye.
/// </summary>
public sealed class ReferenceParser
{
    private readonly StringBuilder _data = new();
    private string _eventType = "";
    private string _lastEventIdBuffer = "";

    private ReferenceParser()
    {
    }

    public List<ReferenceEvent> Events { get; } = [];

    /// <summary>The text after the colon of each comment line. The standard drops it; here it shows what was on the wire.</summary>
    public List<string> Comments { get; } = [];

    /// <summary>The digits of the reconnection time in milliseconds; null where no field set it.</summary>
    public string? Retry { get; private set; }

    /// <summary>The last event ID string, which a reconnect would send.</summary>
    public string LastEventId { get; private set; } = "";

    public static ReferenceParser Parse(string stream) => Parse(Encoding.UTF8.GetBytes(stream));

    public static ReferenceParser Parse(ReadOnlySpan<byte> stream)
    {
        // "UTF-8 decode" takes one byte order mark away.
        if (stream.StartsWith("\uFEFF"u8)) stream = stream[3..];
        var parser = new ReferenceParser();
        parser.ReadLines(Encoding.UTF8.GetString(stream));
        return parser;
    }

    private void ReadLines(string text)
    {
        var start = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] is not ('\r' or '\n')) continue;
            Interpret(text[start..index]);
            if (text[index] == '\r' && index + 1 < text.Length && text[index + 1] == '\n') index++;
            start = index + 1;
        }

        // "Once the end of the file is reached, any pending data must be discarded."
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
            Comments.Add(line[1..]);
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
        switch (name)
        {
            case "event":
                _eventType = value;
                break;
            case "data":
                _data.Append(value).Append('\n');
                break;
            case "id":
                if (!value.Contains('\0', StringComparison.Ordinal)) _lastEventIdBuffer = value;
                break;
            case "retry":
                // Of an empty value "only ASCII digits" holds, but there is no integer to interpret.
                if (value.Length > 0 && value.All(char.IsAsciiDigit)) Retry = value;
                break;
        }
    }

    private void Dispatch()
    {
        LastEventId = _lastEventIdBuffer;
        if (_data.Length > 0)
        {
            if (_data[^1] == '\n') _data.Length--;
            Events.Add(new(_eventType.Length == 0 ? "message" : _eventType, _data.ToString(), LastEventId));
        }

        _data.Clear();
        _eventType = "";
    }
}
