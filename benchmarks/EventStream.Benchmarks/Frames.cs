using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EventStream.AspNetCore.Wire;

namespace EventStream.Benchmarks;

/// <summary>The two ways to turn a stream of items into bytes, as alike as possible.</summary>
/// <remarks>
/// Both read the same kind of sequence: a thousand items that are always ready. Both encode each item once, into a buffer that they reuse.
/// The framework's formatter then gives its buffer to a stream that does nothing; ours has nothing more to do. So neither pays for what
/// happens to the bytes afterwards.
/// </remarks>
internal static class Frames
{
    public const int Count = 1_000;

    private static readonly ArrayBufferWriter<byte> Buffer = new(1 << 20);

    public static Task ByFramework(SseItem<string> item) =>
        SseFormatter.WriteAsync(new Repeated<SseItem<string>>(item, Count), Stream.Null);

    public static Task ByFramework<T>(SseItem<T> item, Action<SseItem<T>, IBufferWriter<byte>> format) =>
        SseFormatter.WriteAsync(new Repeated<SseItem<T>>(item, Count), Stream.Null, format);

    public static async Task ByUs(EventStreamMessage message)
    {
        await foreach (var each in new Repeated<EventStreamMessage>(message, Count)) Write(each);
    }

    /// <summary>The same with a message made of each item, whose bytes are checked then.</summary>
    public static async Task ByUs(byte[] bytes)
    {
        await foreach (var each in new Repeated<byte[]>(bytes, Count)) Write(new() { Data = each });
    }

    private static void Write(in EventStreamMessage message)
    {
        FrameEncoder.Write(Buffer, message, JsonSerializerOptions.Web);
        Buffer.ResetWrittenCount();
    }
}
