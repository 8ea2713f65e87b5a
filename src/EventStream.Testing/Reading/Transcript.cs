using System.Text;

namespace EventStream.Testing.Reading;

/// <summary>Everything that was on the wire of a stream, over all its connections, with times.</summary>
/// <remarks>Safe from any thread: a connection writes it while a test reads it.</remarks>
/// <param name="time">The clock whose time precedes each line; null for no times.</param>
internal sealed class Transcript(FakeTime? time)
{
    private const int MostOfTheBeginning = 20;
    private const int MostOfTheEnd = 60;

    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, char Mark, string Text)> _entries = [];

    // Of the current connection.
    private readonly StringBuilder _body = new();
    private Decoder _decoder = Encoding.UTF8.GetDecoder();

    public string Body
    {
        get
        {
            lock (_gate) return _body.ToString();
        }
    }

    public void Sent(string what) => Add('>', what);

    public void Answered(string what) => Add('<', what);

    /// <summary>Begins the body of a connection.</summary>
    public void BeginBody()
    {
        lock (_gate)
        {
            _body.Clear();
            _decoder = Encoding.UTF8.GetDecoder();
        }
    }

    public void Received(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var text = new char[_decoder.GetCharCount(bytes, flush: false)];
            _decoder.GetChars(bytes, text, flush: false);
            _body.Append(text);
            _entries.Add((Now(), '|', new(text)));
        }
    }

    public override string ToString()
    {
        List<string> lines;
        lock (_gate) lines = Lines();
        var left = lines.Count - MostOfTheBeginning - MostOfTheEnd;
        if (left > 0) lines = [.. lines.Take(MostOfTheBeginning), $"… {left} lines …", .. lines.TakeLast(MostOfTheEnd)];
        return string.Join('\n', lines);
    }

    private void Add(char mark, string text)
    {
        lock (_gate) _entries.Add((Now(), mark, text));
    }

    private TimeSpan Now() => time?.Elapsed ?? default;

    // A line has the time of its first character, also if several chunks delivered it.
    private List<string> Lines()
    {
        List<string> lines = [];
        var line = new StringBuilder();
        var since = TimeSpan.Zero;
        foreach (var (at, mark, text) in _entries)
        {
            if (mark != '|')
            {
                End();
                lines.Add(Line(at, mark, text));
                continue;
            }

            foreach (var character in text)
            {
                if (line.Length > 0 && (line[^1] == '\n' || (line[^1] == '\r' && character != '\n'))) End();
                if (line.Length == 0) since = at;
                line.Append(character);
            }
        }

        End();
        return lines;

        void End()
        {
            if (line.Length > 0) lines.Add(Line(since, '|', line.ToString()));
            line.Clear();
        }
    }

    private string Line(TimeSpan at, char mark, string text) =>
        $"{(time is null ? "" : FakeTime.Show(at) + " ")}{mark} {VisibleText.Of(text)}";
}
