using System.Globalization;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>A row as it is written: one row of the table, or one for each line end and cut that it names.</summary>
internal sealed class WrittenRow(string name)
{
    private static readonly Dictionary<string, string> LineEnds = new() { ["LF"] = "\n", ["CR"] = "\r", ["CRLF"] = "\r\n" };

    private readonly List<WrittenText> _chunks = [];
    private readonly List<WrittenEvent> _events = [];
    private readonly List<WrittenEvent> _chromium = [];
    private string[] _ends = [];
    private string[] _cuts = [];
    private string? _from;
    private WrittenText? _last;
    private ulong _retry = Wait.Default;
    private bool _stopsInside;

    private sealed record WrittenEvent(int Times, WrittenText Data, WrittenText? Type, WrittenText? Id);

    /// <summary>Takes one line of the row.</summary>
    /// <exception cref="FormatException">The line is not in the table's notation.</exception>
    public void Add(string word, string value)
    {
        switch (word)
        {
            case "from":
                _from = value;
                break;
            case "ends":
                _ends = value.Split(' ');
                break;
            case "cut":
                _cuts = value.Split(' ');
                break;
            case "send":
                _chunks.Add(Text(value));
                break;
            case "+":
                Whole(_chunks[^1].Add(value));
                break;
            case "event":
                _events.Add(Event(1, value));
                break;
            case "events":
                var times = value.Split(' ', 2);
                _events.Add(Event(int.Parse(times[0], CultureInfo.InvariantCulture), times[1]));
                break;
            case "chromium":
                _chromium.Add(Event(1, value));
                break;
            case "last":
                _last = Text(value);
                break;
            case "stop":
                if (value != "inside") throw new FormatException($"The one stop is 'inside' (row '{name}').");
                _stopsInside = true;
                break;
            case "retry":
                _retry = ulong.Parse(value, CultureInfo.InvariantCulture);
                break;
            default:
                throw new FormatException($"The table knows no word '{word}' (row '{name}').");
        }
    }

    public IEnumerable<Row> Rows()
    {
        if (_from is null || _chunks.Count == 0) throw new FormatException($"Row '{name}' lacks 'from' or 'send'.");
        return
            from end in _ends.DefaultIfEmpty("")
            from cut in _cuts.DefaultIfEmpty("")
            select new Row(
                NameOf(end, cut),
                _from,
                Cut(LineEnds.GetValueOrDefault(end, ""), cut),
                OutcomeOf(_events),
                _chromium.Count > 0 ? OutcomeOf(_chromium) : null);
    }

    private string NameOf(string end, string cut) =>
        name + (end.Length > 0 ? $", {end}" : "") + cut switch { "" => "", "whole" => ", whole", _ => $", in chunks of {cut}" };

    private byte[][] Cut(string lineEnd, string cut)
    {
        byte[][] whole = [.. _chunks.Select(chunk => chunk.ToBytes(lineEnd))];
        return cut is "" or "whole" ? whole : [.. whole.SelectMany(chunk => chunk).Chunk(int.Parse(cut, CultureInfo.InvariantCulture))];
    }

    private Outcome OutcomeOf(List<WrittenEvent> writtenEvents)
    {
        Received[] events =
        [
            .. from written in writtenEvents
               from number in Enumerable.Range(1, written.Times)
               select new Received(
                   written.Type?.ToText("", number) ?? "message", written.Data.ToText("", number), written.Id?.ToText("", number) ?? ""),
        ];
        return new(events, _last?.ToText("", 0) ?? (events.Length > 0 ? events[^1].LastEventId : ""), Wait.Of(_retry), _stopsInside);
    }

    private WrittenEvent Event(int times, string value)
    {
        var data = new WrittenText();
        var rest = data.Add(value).TrimStart();
        WrittenText? type = null, id = null;
        if (rest.StartsWith("type", StringComparison.Ordinal)) rest = (type = new()).Add(rest["type".Length..]).TrimStart();
        if (rest.StartsWith("id", StringComparison.Ordinal)) rest = (id = new()).Add(rest["id".Length..]).TrimStart();
        Whole(rest);
        return new(times, data, type, id);
    }

    private WrittenText Text(string value)
    {
        var text = new WrittenText();
        Whole(text.Add(value));
        return text;
    }

    private void Whole(string rest)
    {
        if (rest.Length > 0) throw new FormatException($"This is too much (row '{name}'): {rest}");
    }
}
