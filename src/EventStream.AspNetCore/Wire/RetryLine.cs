using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A lone <c>retry</c> line without a blank line: a client takes the value (HTML, section 9.2.6) and sees no event.</summary>
internal static class RetryLine
{
    /// <summary>
    /// Writes <paramref name="retry"/> in whole milliseconds, at least one: at zero a client would come back in a hot loop.
    /// </summary>
    public static int Write(IBufferWriter<byte> output, TimeSpan retry)
    {
        var buffer = new FrameBuffer(output);
        var milliseconds = (int)Math.Clamp(retry.TotalMilliseconds, 1, int.MaxValue);
        new FrameFields(Comment: null, Id: null, Event: null, milliseconds).WriteTail(ref buffer, hasData: false);
        return buffer.Complete();
    }
}
