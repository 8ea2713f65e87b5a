using System.Text;

namespace EventStream.Conformance.Tests.Tool.Wire;

/// <summary>A connection that gives a few bytes at a time, and then ends, or never does.</summary>
internal sealed class Dripping(string text, int step, bool isEndless = false) : MemoryStream(Encoding.UTF8.GetBytes(text))
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isEndless && Position == Length) await Task.Delay(Timeout.Infinite, cancellationToken);
        return await base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
