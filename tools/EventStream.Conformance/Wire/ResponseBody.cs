using System.Globalization;

namespace EventStream.Conformance.Wire;

/// <summary>The body of a response without its chunks (RFC 9112, sections 6 and 7).</summary>
internal sealed class ResponseBody
{
    private readonly ByteInput _input;
    private readonly bool _isChunked;
    private readonly bool _isDelimited;
    private long _left;
    private bool _isAfterChunk;

    /// <summary>The body that follows a head.</summary>
    /// <exception cref="InvalidDataException">The length that the head gives is none.</exception>
    public ResponseBody(ByteInput input, ResponseHead head, string method = "GET")
    {
        _input = input;

        // After HEAD there is none, so that whatever comes is one, however the head says that it is delimited.
        if (method == "HEAD")
        {
            _left = long.MaxValue;
            return;
        }

        _isChunked = head.IsChunked;
        var length = _isChunked ? null : head.ContentLength;
        _isDelimited = _isChunked || length is not null;
        _left = _isChunked || head.Status is 204 or 304 ? 0 : length ?? long.MaxValue;
    }

    public BodyEnd End { get; private set; }

    /// <summary>What has come, at least one byte; zero when <see cref="End"/> says how it ended.</summary>
    /// <exception cref="InvalidDataException">A chunk is malformed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        if (End != BodyEnd.Open) return 0;
        try
        {
            if (_left == 0) await StartChunkAsync();
            if (End != BodyEnd.Open) return 0;
            var count = await _input.ReadAsync(destination[..(int)Math.Min(destination.Length, _left)]);
            _left -= count;
            if (count == 0) End = _isDelimited ? BodyEnd.Cut : BodyEnd.Closed;
            return count;
        }
        catch (IOException)
        {
            End = BodyEnd.Cut;
            return 0;
        }
    }

    private async ValueTask StartChunkAsync()
    {
        if (_isChunked)
        {
            // Only now, because the CRLF after a chunk may come long after its bytes.
            if (_isAfterChunk && await _input.ReadLineAsync() is { Length: > 0 } excess)
            {
                throw new InvalidDataException($"'{Printable.Of(excess)}' after a chunk");
            }

            _left = SizeOf(await _input.ReadLineAsync());
            _isAfterChunk = true;
        }

        if (_left > 0) return;
        if (_isChunked) _ = await _input.ReadSectionAsync();
        End = BodyEnd.Clean;
    }

    private static long SizeOf(string line) =>
        long.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : throw new InvalidDataException($"a chunk whose size is '{Printable.Of(line)}'");
}
