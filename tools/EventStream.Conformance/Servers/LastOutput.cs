using System.Text;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>What a process has said last, on both its outputs.</summary>
/// <remarks>The outputs are read all the time, so that the process never waits. No more is kept than is shown.</remarks>
internal sealed class LastOutput
{
    private const int KeptCharacters = 4096;
    private const int ShownLines = 10;
    private const int LongestLine = 200;

    private readonly StringBuilder _text = new();

    public LastOutput(params IReadOnlyList<TextReader> outputs) => End = Task.WhenAll(outputs.Select(ReadAsync));

    /// <summary>Completes when the process has closed its outputs.</summary>
    public Task End { get; }

    /// <summary>How many characters are kept.</summary>
    public int Kept
    {
        get
        {
            lock (_text) return _text.Length;
        }
    }

    public IReadOnlyList<string> Lines()
    {
        lock (_text)
        {
            var lines = _text.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.TakeLast(ShownLines).Select(line => Printable.UpTo(LongestLine, line))];
        }
    }

    private async Task ReadAsync(TextReader output)
    {
        var buffer = new char[KeptCharacters];
        try
        {
            for (var count = await output.ReadAsync(buffer); count > 0; count = await output.ReadAsync(buffer))
            {
                Keep(buffer.AsSpan(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process was ended, and its outputs with it.
        }
    }

    private void Keep(ReadOnlySpan<char> text)
    {
        lock (_text)
        {
            _text.Append(text);
            if (_text.Length > KeptCharacters) _text.Remove(0, _text.Length - KeptCharacters);
        }
    }
}
