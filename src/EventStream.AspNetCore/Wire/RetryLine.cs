using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>Writes a <c>retry</c> line without a blank line.</summary>
/// <remarks>A client applies the value (HTML, section 9.2.6), and dispatches no event.</remarks>
internal static class RetryLine
{
    /// <summary>Writes <paramref name="retry"/> in whole milliseconds, at least one.</summary>
    /// <remarks>With zero, a client would reconnect in a busy loop.</remarks>
    public static int Write(IBufferWriter<byte> output, TimeSpan retry)
    {
        var buffer = new FrameBuffer(output);
        var milliseconds = (int)Math.Clamp(retry.TotalMilliseconds, 1, int.MaxValue);
        new FrameFields(Comment: null, Id: null, Event: null, milliseconds).WriteTail(ref buffer, hasData: false);
        return buffer.Complete();
    }
}
