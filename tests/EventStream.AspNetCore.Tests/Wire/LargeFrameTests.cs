using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>Frames that leave in pieces have the bytes that they would have at once.</summary>
public sealed partial class LargeFrameTests
{
    /// <summary>Two of a write: a piece may be somewhat longer than it should.</summary>
    private const int LongestPiece = 2 * FramePart.PieceSize;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true, NewLine = "\r\n" };

    public static TheoryData<string> Alphabets =>
        ["x", "xy\n", "\n", "\r\n", "ü\r", "\uD83D\uDE00", "a\uD83D\uDE00\r\n", "\uD800x", "日本\r\n\n", "0123456789abcdef\r\nü"];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Alphabets))]
    public async Task Write_LargeTextAndBytes_EachPieceIsSmallAndAllOfThemAreTheFrame(string alphabet)
    {
        var random = new Random(1);
        foreach (var length in (int[])[FramePart.PieceSize + 1, FramePart.PieceSize + 4095, 100_001])
        {
            // Whole copies put the same place of the alphabet at each border, a random text puts any.
            foreach (var text in (string[])[Repeat(alphabet, length), RandomOf(alphabet, length, random)])
            {
                var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
                var expected = Encoding.UTF8.GetBytes(
                    $": c\nid: 7\nevent: e\n{string.Concat(LineBreak().Split(wellFormed).Select(line => $"data: {line}\n"))}retry: 5\n\n");
                EventStreamMessage message = new()
                {
                    Id = "7",
                    Event = "e",
                    Comment = "c",
                    Retry = TimeSpan.FromMilliseconds(5),
                    Data = text,
                };

                AssertPieces(expected, message);
                AssertPieces(expected, message with { Data = Encoding.UTF8.GetBytes(wellFormed) });
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_LargeAndSmallInTurn_InTheirOrder()
    {
        var (large, larger) = (new string('l', 50_000), new string('m', 400_000));
        using var rented = new Rented();
        var expected = new StringBuilder();
        foreach (var data in (string[])["a", large, "b", "c", larger, large, "d"])
        {
            FrameEncoder.Write(rented.Buffer, new() { Data = data }, JsonSerializerOptions.Web).Should().Be(data.Length + 8);
            expected.Append("data: ").Append(data).Append("\n\n");
        }

        rented.Buffer.Size.Should().Be(expected.Length);
        rented.Buffer.Length.Should().BeLessThan(100, "what is large is not copied");
        (Encoded.Text(rented.Pieces()) == expected.ToString()).Should().BeTrue();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(200_000)]
    [InlineData(300_000)]
    [InlineData(3_000_000)]
    public async Task Write_LargeJson_EachPieceIsSmallAndAllOfThemAreTheFrame(int size)
    {
        string[] rows = [.. Enumerable.Range(0, size / 100).Select(i => $"{i:D6}{new string('r', 90)}"), new('x', size / 2)];

        foreach (var json in (JsonSerializerOptions[])[JsonSerializerOptions.Web, Indented])
        {
            var data = string.Concat(LineBreak().Split(JsonSerializer.Serialize(rows, json)).Select(line => $"data: {line}\n"));
            AssertPieces(
                Encoding.UTF8.GetBytes($"id: 7\n{data}\n"),
                EventStreamMessage.Json(rows) with { Id = "7" },
                json,
                FrameArrays.LargestPooled);
            AssertPieces(
                Encoding.UTF8.GetBytes($"id: 7\n{data}retry: 5\n\n"),
                EventStreamMessage.Json(rows) with { Id = "7", Retry = TimeSpan.FromMilliseconds(5) },
                json,
                FrameArrays.LargestPooled);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_LargeCommentAndEventName_LeaveInPieces() =>
        AssertPieces(
            Encoding.UTF8.GetBytes($": {new string('c', 2_000_000)}\nevent: {new string('e', 2_000_000)}\ndata: d\n\n"),
            new() { Comment = new('c', 2_000_000), Event = new('e', 2_000_000), Data = "d" });

    [Fact(Timeout = 30_000)]
    public async Task Write_LargeJsonThrowsHalfWay_NothingIsWritten()
    {
        using var rented = new Rented();
        FrameEncoder.Write(rented.Buffer, new() { Data = "before" }, JsonSerializerOptions.Web);

        ((Action)(() => FrameEncoder.Write(
            rented.Buffer, EventStreamMessage.Json(Rows()), JsonSerializerOptions.Web))).Should().Throw<InvalidTimeZoneException>();

        rented.Buffer.Size.Should().Be("data: before\n\n".Length);

        static IEnumerable<string> Rows()
        {
            for (var i = 0; i < 1000; i++) yield return new('r', 1000);
            throw new InvalidTimeZoneException();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_LargeMessageOfAChannel_TheFrameAndNothingElse()
    {
        foreach (var data in (EventStreamData[])[Repeat("text\r\n", 500_000), Encoding.UTF8.GetBytes(Repeat("bytes\n", 500_000))])
        {
            EventStreamMessage message = new() { Event = "e", Data = data };

            var entry = FrameBytes.Encode(message, JsonSerializerOptions.Web);

            entry.FrameWithoutId.SequenceEqual(Encoding.UTF8.GetBytes(Encoded.Frame(message))).Should().BeTrue();
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_BytesChangeMeanwhile_ThrowsAndShowsNoOtherMemory()
    {
        EventStreamMessage message = new() { Data = EventStreamData.FromUtf8(new Changing(new byte[200_000]).Memory) };

        ((Action)(() => FrameBytes.Encode(message, JsonSerializerOptions.Web))).Should().Throw<InvalidOperationException>()
            .WithMessage("*changed*");
    }

    /// <summary>Writes a message into a buffer, and compares what leaves, and what another output gets, with the frame.</summary>
    private static void AssertPieces(
        byte[] expected, EventStreamMessage message, JsonSerializerOptions? json = null, int longest = LongestPiece)
    {
        using var rented = new Rented();
        FrameEncoder.Write(rented.Buffer, message, json ?? JsonSerializerOptions.Web).Should().Be(expected.Length);
        rented.Buffer.Size.Should().Be(expected.Length);
        rented.Pieces(longest).AsSpan().SequenceEqual(expected).Should().BeTrue();

        var copied = new ArrayBufferWriter<byte>();
        FrameEncoder.Write(copied, message, json ?? JsonSerializerOptions.Web).Should().Be(expected.Length);
        copied.WrittenSpan.SequenceEqual(expected).Should().BeTrue();
    }

    private static string Repeat(string text, int length) => string.Concat(Enumerable.Repeat(text, (length / text.Length) + 1))[..length];

    private static string RandomOf(string alphabet, int length, Random random) =>
        string.Create(length, (alphabet, random), static (text, given) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = given.alphabet[given.random.Next(given.alphabet.Length)];
        });

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex LineBreak();

    /// <summary>A buffer as a stream has it.</summary>
    private sealed class Rented : IDisposable
    {
        public WriteBuffer Buffer { get; } = WriteBuffer.Rent();

        /// <summary>All that leaves, one piece after the other.</summary>
        public byte[] Pieces(int longest = LongestPiece)
        {
            var sent = new ArrayBufferWriter<byte>();
            if (Buffer.LeavesInPieces)
            {
                FrameParts parts = new();
                Buffer.MoveTo(parts);
                while (parts.TryFill(Buffer))
                {
                    Buffer.Length.Should().BeLessThan(LongestPiece);
                    sent.Write(Buffer.Written.Span);
                }
            }
            else
            {
                Buffer.Length.Should().BeLessThanOrEqualTo(longest);
                sent.Write(Buffer.Written.Span);
            }

            return sent.WrittenSpan.ToArray();
        }

        public void Dispose() => Buffer.Return();
    }

    /// <summary>Memory whose owner does not keep its word: it has other bytes at each look.</summary>
    private sealed class Changing(byte[] bytes) : MemoryManager<byte>
    {
        private int _looks;

        public override Span<byte> GetSpan()
        {
            bytes.AsSpan().Fill(_looks++ % 2 == 0 ? (byte)'\n' : (byte)'x');
            return bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
