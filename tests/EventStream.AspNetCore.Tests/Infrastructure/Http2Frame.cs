using System.Buffers.Binary;
using System.Text;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>The types of HTTP/2 frames (RFC 9113, section 6).</summary>
public enum Http2FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    Reset = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>One HTTP/2 frame, which need not be a valid one.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">The number of its stream; 0 is the connection.</param>
/// <param name="Payload">What follows its nine bytes of header.</param>
public readonly record struct Http2Frame(Http2FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    /// <summary>The setting for the bytes that a stream may send before its window is raised.</summary>
    public const ushort InitialWindowSize = 4;

    private const int HeaderLength = 9;

    /// <summary>A GET of a stream, which is a whole request.</summary>
    public static Http2Frame Get(int stream, string path, params (string Name, string Value)[] headers) =>
        new(Http2FrameType.Headers, EndStream | EndHeaders, stream, Fields(path, headers));

    public static Http2Frame ResetOf(int stream, int error = 8) => new(Http2FrameType.Reset, 0, stream, Number(error));

    public static Http2Frame Window(int stream, int increment) => new(Http2FrameType.WindowUpdate, 0, stream, Number(increment));

    public static Http2Frame Ping() => new(Http2FrameType.Ping, 0, 0, new byte[8]);

    public static Http2Frame Settings(params (ushort Name, int Value)[] settings) => new(
        Http2FrameType.Settings,
        0,
        0,
        [.. settings.SelectMany(one => (byte[])[(byte)(one.Name >> 8), (byte)one.Name, .. Number(one.Value)])]);

    /// <summary>The fields of a GET, without compression (RFC 7541, section 6.2.2).</summary>
    public static byte[] Fields(string path, params (string Name, string Value)[] headers)
    {
        (string Name, string Value)[] pseudo = [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "localhost")];
        List<byte> block = [];
        foreach (var (name, value) in pseudo.Append(("accept", "text/event-stream")).Concat(headers))
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        return [.. block];
    }

    /// <summary>Reads the first frame of some bytes, and removes it; false if they do not have a whole one.</summary>
    public static bool TryTake(List<byte> bytes, out Http2Frame frame)
    {
        frame = default;
        if (bytes.Count < HeaderLength) return false;
        var length = (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
        if (bytes.Count < HeaderLength + length) return false;
        var stream = BinaryPrimitives.ReadInt32BigEndian([bytes[5], bytes[6], bytes[7], bytes[8]]) & int.MaxValue;
        frame = new((Http2FrameType)bytes[3], bytes[4], stream, [.. bytes.Skip(HeaderLength).Take(length)]);
        bytes.RemoveRange(0, HeaderLength + length);
        return true;
    }

    public byte[] ToBytes() =>
    [
        (byte)(Payload.Length >> 16), (byte)(Payload.Length >> 8), (byte)Payload.Length, (byte)Type, Flags, .. Number(Stream), .. Payload,
    ];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    // A length of seven bits, and then the rest in groups of seven bits (RFC 7541, section 5.1).
    private static void AddText(List<byte> block, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.Add((byte)bytes.Length);
        }
        else
        {
            block.Add(127);
            var left = bytes.Length - 127;
            for (; left >= 128; left >>= 7) block.Add((byte)(128 | (left & 127)));
            block.Add((byte)left);
        }

        block.AddRange(bytes);
    }
}
