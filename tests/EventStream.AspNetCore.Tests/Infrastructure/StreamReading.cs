using System.Text;
using System.Text.RegularExpressions;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>The client's end of one open stream: its bytes as text, as they arrive.</summary>
public sealed partial class StreamReading(HttpResponseMessage response, Stream body) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private string _ahead = "";

    public HttpResponseMessage Response { get; } = response;

    /// <summary>A header of the response, as it stands there; null if it is not there.</summary>
    public string? Header(string name) =>
        Response.Headers.NonValidated.TryGetValues(name, out var values)
            || Response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    /// <summary>
    /// Reads just so many characters as <paramref name="expected"/> has, waiting for them, so that a test compares them with it.
    /// </summary>
    public async Task<string> ReadAsync(string expected) => await ReadAsync(expected.Length);

    /// <summary>The next <paramref name="length"/> characters, or what came before the end.</summary>
    public async Task<string> ReadAsync(int length)
    {
        while (_ahead.Length < length && await ReadMoreAsync())
        {
        }

        return Take(Math.Min(length, _ahead.Length));
    }

    /// <summary>Reads a number of bytes without keeping them.</summary>
    public async Task SkipAsync(int length)
    {
        length -= Take(Math.Min(length, _ahead.Length)).Length;
        while (length > 0)
        {
            var read = await body.ReadAsync(_buffer.AsMemory(0, Math.Min(length, _buffer.Length))).AsTask().OrFail($"{length} bytes more");
            if (read == 0) throw new EndOfStreamException($"The stream has ended {length} bytes too soon.");
            length -= read;
        }
    }

    /// <summary>What comes up to one of these texts, and with it.</summary>
    public async Task<string> ReadUntilAsync(params string[] ends)
    {
        while (true)
        {
            foreach (var end in ends)
            {
                if (_ahead.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at) return Take(at + end.Length);
            }

            if (!await ReadMoreAsync()) throw new EndOfStreamException($"The stream has ended without {string.Join(" or ", ends)}.");
        }
    }

    /// <summary>The next line with its LF, or what came before the end.</summary>
    public async Task<string> ReadLineAsync()
    {
        while (!_ahead.Contains('\n') && await ReadMoreAsync())
        {
        }

        var end = _ahead.IndexOf('\n');
        return Take(end < 0 ? _ahead.Length : end + 1);
    }

    /// <summary>Reads the lone <c>retry</c> line with which each stream begins, and returns its milliseconds.</summary>
    public async Task<int> ReadRetryAsync()
    {
        var line = await ReadLineAsync();
        line.Should().MatchRegex(@"^retry: \d+\n$");
        return int.Parse(line.AsSpan(7));
    }

    /// <summary>All that comes until the response ends; throws what the client throws if it is cut.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        do
        {
            all.Append(Take(_ahead.Length));
        }
        while (await ReadMoreAsync());

        return all.ToString();
    }

    /// <summary>All that comes until the response ends, without the lone <c>retry</c> lines at its beginning and end.</summary>
    public async Task<string> ReadMessagesToEndAsync() => Retries().Replace(await ReadToEndAsync(), "");

    public void Dispose() => Response.Dispose();

    private string Take(int length)
    {
        var taken = _ahead[..length];
        _ahead = _ahead[length..];
        return taken;
    }

    private async Task<bool> ReadMoreAsync()
    {
        var read = await body.ReadAsync(_buffer).AsTask().OrFail($"more of the stream; so far there is '{_ahead}'");
        _ahead += Encoding.UTF8.GetString(_buffer, 0, read);
        return read > 0;
    }

    [GeneratedRegex(@"^retry: \d+\n|retry: \d+\n\z")]
    private static partial Regex Retries();
}
