using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EventStream.Conformance.Tests.Parsing;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>A row as it is written.</summary>
internal sealed partial class WrittenRequestRow(string name)
{
    private readonly List<Answer> _answers = [];
    private readonly List<Ask> _asks = [];
    private readonly List<Received> _events = [];
    private Instructions? _with;
    private End _end = End.Finished;
    private string? _from;
    private string[] _readers = [];

    /// <summary>Takes one line of the row.</summary>
    /// <exception cref="FormatException">The line is not in the table's notation.</exception>
    public void Add(string word, string value)
    {
        var tokens = new Queue<string>(Token.Matches(value).Select(match => match.Value));
        switch (word)
        {
            case "from":
                _from = value;
                break;
            case "answer":
                _answers.Add(AnswerOf(tokens));
                break;
            case "ask":
                var ask = new Ask(tokens.Dequeue());
                _asks.Add(Read(tokens, ask, (part, ask) => part switch
                {
                    "at" => ask with { Path = Text(tokens) },
                    "position" => ask with { Position = Text(tokens) },
                    "header" => ask with { Header = Text(tokens) },
                    "body" => ask with { Body = Text(tokens) },
                    _ => throw Unknown(part),
                }));
                break;
            case "event":
                _events.Add(Read(tokens, new Received("message", Text(tokens), ""), (part, received) => part switch
                {
                    "type" => received with { Type = Text(tokens) },
                    "id" => received with { LastEventId = Text(tokens) },
                    _ => throw Unknown(part),
                }));
                break;
            case "end":
                _end = Enum.Parse<End>(value, ignoreCase: true);
                break;
            case "with":
                // A page cannot set these of an EventSource.
                _readers = ["client", "module"];
                _with = Read(tokens, new Instructions(), (part, with) => part switch
                {
                    "method" => with with { Method = tokens.Dequeue() },
                    "position" => with with { Position = Text(tokens) },
                    "header" => with with { Header = Text(tokens) },
                    "body" => with with { Body = Text(tokens) },
                    _ => throw Unknown(part),
                });
                break;
            case "only":
                _readers = value.Split(' ');
                break;
            default:
                throw Unknown(word);
        }
    }

    public RequestRow ToRow()
    {
        if (_from is null || _answers.Count == 0 || _asks.Count == 0)
        {
            throw new FormatException($"Row '{name}' lacks 'from', 'answer' or 'ask'.");
        }

        return new(name, _from, _readers, _with ?? new(), _answers, new(_asks, _events, _end));
    }

    private Answer AnswerOf(Queue<string> tokens) =>
        Read(tokens, new Answer(int.Parse(tokens.Dequeue(), CultureInfo.InvariantCulture)), (part, answer) => part switch
        {
            "type" when tokens.Peek() == "none" => answer with { ContentType = tokens.Dequeue() is "none" ? null : "" },
            "type" => answer with { ContentType = Text(tokens) },
            "to" => answer with { Location = Text(tokens) },
            "cut" => answer with { IsCut = true },
            ['"', ..] => answer with { Body = Bytes(part) },
            _ => throw Unknown(part),
        });

    private static T Read<T>(Queue<string> tokens, T value, Func<string, T, T> take)
    {
        while (tokens.TryDequeue(out var part)) value = take(part, value);
        return value;
    }

    private static string Text(Queue<string> tokens) => Encoding.UTF8.GetString(Bytes(tokens.Dequeue()));

    private static byte[] Bytes(string quoted)
    {
        var text = new WrittenText();
        text.Add(quoted);
        return text.ToBytes("");
    }

    private FormatException Unknown(string word) => new($"The table of requests knows no '{word}' here (row '{name}').");

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|\S+
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token { get; }
}
