using System.Buffers;
using System.Text;
using System.Text.Json;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>The bytes of frames, shown as text: strict UTF-8, so equal texts are equal bytes.</summary>
internal static class Encoded
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Text(ReadOnlySpan<byte> bytes) => Strict.GetString(bytes);

    public static string Frame(EventStreamMessage message, JsonSerializerOptions? json = null) =>
        By(output => FrameEncoder.Write(output, message, json ?? JsonSerializerOptions.Web));

    public static string Value<T>(T value, JsonSerializerOptions? json = null) => By(output => FrameEncoder.WriteValue(
        output,
        id: null,
        name: null,
        retryMilliseconds: 0,
        value,
        JsonContract<T>.From(json ?? JsonSerializerOptions.Web)));

    /// <summary>What <paramref name="write"/> writes, which is to say how much.</summary>
    public static string By(Func<IBufferWriter<byte>, int> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output).Should().Be(output.WrittenCount);
        return Text(output.WrittenSpan);
    }
}
