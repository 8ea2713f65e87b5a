using System.Globalization;

namespace EventStream.Conformance.Wire;

/// <summary>The body of a response without its chunks (RFC 9112, sections 6 and 7).</summary>
internal sealed class ResponseBody(ByteInput input, ResponseHead head)
{
    private readonly bool _isDelimited = head.IsChunked || head.ContentLength is not null;
    private long _left = head.IsChunked || head.Status is 204 or 304 ? 0 : head.ContentLength ?? long.MaxValue;
    private bool _isAfterChunk;

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
            var count = await input.ReadAsync(destination[..(int)Math.Min(destination.Length, _left)]);
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
        if (head.IsChunked)
        {
            // Only now, because the CRLF after a chunk may come long after its bytes.
            if (_isAfterChunk && await input.ReadLineAsync() is { Length: > 0 } excess) throw new InvalidDataException($"'{Printable.Of(excess)}' after a chunk");
            _left = SizeOf(await input.ReadLineAsync());
            _isAfterChunk = true;
        }

        if (_left > 0) return;
        while (head.IsChunked && await input.ReadLineAsync() is { Length: > 0 })
        {
        }

        End = BodyEnd.Clean;
    }

    private static long SizeOf(string line) =>
        long.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : throw new InvalidDataException($"a chunk whose size is '{Printable.Of(line)}'");
}
