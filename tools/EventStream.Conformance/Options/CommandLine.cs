namespace EventStream.Conformance.Options;

/// <summary>From the words after the command to <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Queue<string> _words;
    private readonly List<KeyValuePair<Role, string>> _roles = [];
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly Limits _limits = new();
    private string? _address;
    private string? _start;
    private bool _isJson;

    private CommandLine(IEnumerable<string> words) => _words = new(words);

    /// <summary>Reads the words.</summary>
    /// <exception cref="UsageException">They cannot be followed.</exception>
    public static Settings Parse(IEnumerable<string> words)
    {
        var line = new CommandLine(words);
        while (line._words.TryDequeue(out var word)) line.Take(word);
        return line.ToSettings();
    }

    private void Take(string word)
    {
        if (word == "--json") _isJson = true;
        else if (word == "--start") _start = Value(word, "<command>");
        else if (word == "--header") _headers.Add(Header(Value(word, "\"<name>: <value>\"")));
        else if (Role.All.FirstOrDefault(role => role.Option == word) is { } role) AddRole(role);
        else if (Limit.All.FirstOrDefault(limit => limit.Option == word) is { } limit) limit.Set(_limits, Time(word));
        else if (word.StartsWith('-')) throw new UsageException($"There is no option {word}. --help lists them all.");
        else if (_address is not null) throw new UsageException(
            $"One address is examined at a time, and {word} is given beside {_address}. Other endpoints are given by their options; "
            + "--help lists them.");
        else _address = word;
    }

    private void AddRole(Role role)
    {
        if (role != Role.Leave && _roles.Any(given => given.Key == role)) throw new UsageException($"{role.Option} is given twice.");
        _roles.Add(new(role, Value(role.Option, "<url or path>")));
    }

    private string Value(string option, string form) =>
        _words.TryDequeue(out var value) && !value.StartsWith("--", StringComparison.Ordinal)
            ? value
            : throw new UsageException($"{option} needs a value: {option} {form}.");

    private TimeSpan Time(string option)
    {
        var value = Value(option, "<time>");
        return Duration.TryParse(value, out var time)
            ? time
            : throw new UsageException(
                $"{option} {value} is no time from 1ms to a day. Give a number and its unit, such as 200ms, 20s or 2m.");
    }

    private static KeyValuePair<string, string> Header(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !text.AsSpan().ContainsAny('\r', '\n')
            ? new(text[..colon].Trim(), text[(colon + 1)..].Trim())
            : throw new UsageException("--header needs a name and a value: --header \"Authorization: Bearer …\".");
    }

    private Settings ToSettings()
    {
        if (_address is null)
        {
            throw new UsageException(
                "Give the address of a stream: sse-conformance http://localhost:5000/events. --help lists the options.");
        }

        var stream = Absolute(_address, null);
        return new(stream)
        {
            Endpoints = [.. _roles.Select(role => KeyValuePair.Create(role.Key, Absolute(role.Value, stream)))],
            Limits = _limits,
            Headers = _headers,
            Start = _start,
            IsJson = _isJson,
        };
    }

    // A path alone is an absolute file address on Unix, so the scheme decides.
    private static Uri Absolute(string text, Uri? relativeTo)
    {
        var isThere = relativeTo is not null && !text.Contains("://", StringComparison.Ordinal)
            ? Uri.TryCreate(relativeTo, text, out var address)
            : Uri.TryCreate(text, UriKind.Absolute, out address);
        return isThere && (address!.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new UsageException(
                $"{text} is no address of a web server. Give one that begins with http:// or "
                + $"https://{(relativeTo is null ? "" : ", or a path")}.");
    }
}
