using System.Buffers;
using System.Buffers.Text;

namespace EventStream.AspNetCore.Wire;

/// <summary>A lone <c>retry</c> line without a blank line: a client takes the value (HTML, section 9.2.6) and sees no event.</summary>
internal static class RetryLine
{
    public static void Write(IBufferWriter<byte> output, TimeSpan retry)
    {
        var span = output.GetSpan(32);
        "retry: "u8.CopyTo(span);
        Utf8Formatter.TryFormat((int)Math.Min(retry.TotalMilliseconds, int.MaxValue), span[7..], out var digits);
        span[7 + digits] = (byte)'\n';
        output.Advance(8 + digits);
    }
}
