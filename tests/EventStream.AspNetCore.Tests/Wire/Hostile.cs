using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>Random messages of text that is hard for parsers and encoders.</summary>
internal static class Hostile
{
    private const int MessagesAStream = 10;
    private const int LargestText = 1 << 20;

    private static readonly string[] Fragments =
    [
        "\r", "\n", "\r\n", "\0", ":", " ", "\t", "\uFEFF", "\u2028", "\u2029", "\u0085", "\v", "\f", "\u001C", "\uD800", "\uDBFF",
        "\uDC00", "\uDFFF",
        "\uD83D\uDE00", "é", "€", "x", "data: ", "id: forged", "event:", "retry: 1", "\u007F", "\u0080", "plain text", new('y', 31),
        new('z', 70),
    ];

    private static readonly Gen<string> Text = Gen.Frequency(
        (50, Gen.Constant("")),
        (1_000, TextUpTo(10)),
        (300, TextUpTo(200)),
        (40, TextUpTo(9_000)),
        (1, TextUpTo(LargestText)));

    private static readonly Gen<string?> Id = Gen.Frequency(
        (4, Gen.Constant<string?>(null)),
        (1, Gen.Constant<string?>("")),
        (
            4,
            Gen.Choose('!', '~').Select(character => (char)character).ArrayOf()
                .Select(characters => (string?)new string(characters[..Math.Min(characters.Length, 124)]))),
        (1, Gen.Elements<string?>(":", "data:", new('~', EventStreamId.MaxLength))));

    private static readonly Gen<string?> Event = Gen.Frequency(
        (4, Gen.Constant<string?>(null)),
        (2, Gen.Elements<string?>("", "message", " message", "price", ":")),
        (
            4,
            Text.Select(
                text => (string?)text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)
                    .Replace("\0", "", StringComparison.Ordinal))));

    private static readonly Gen<string?> Comment = Gen.Frequency((4, Gen.Constant<string?>(null)), (1, Text.Select(text => (string?)text)));

    private static readonly Gen<TimeSpan?> Retry = Gen.Frequency(
        (4, Gen.Constant<TimeSpan?>(null)),
        (1, Gen.Choose(1, int.MaxValue).Select(milliseconds => (TimeSpan?)TimeSpan.FromMilliseconds(milliseconds))));

    private static readonly Gen<EventStreamData> SomeData = Gen.Frequency(
        (4, Text.Select(text => (EventStreamData)text)),
        (4, Text.Select(text => (EventStreamData)Encoding.UTF8.GetBytes(text))),
        (1, Text.Select(text => EventStreamMessage.Json(text).Data)),
        (1, Text.ArrayOf().Select(texts => EventStreamMessage.Json<object>(texts).Data)));

    /// <summary>One message less, or half the text of a message.</summary>
    private static IEnumerable<EventStreamMessage[]> Smaller(EventStreamMessage[] messages)
    {
        for (var index = 0; index < messages.Length; index++) yield return [.. messages[..index], .. messages[(index + 1)..]];
        for (var index = 0; index < messages.Length; index++)
        {
            if (messages[index].Data.Text is not { Length: > 1 } text) continue;
            yield return [.. messages[..index], messages[index] with { Data = text[..(text.Length / 2)] }, .. messages[(index + 1)..]];
            yield return [.. messages[..index], messages[index] with { Data = text[(text.Length / 2)..] }, .. messages[(index + 1)..]];
        }
    }

    /// <summary>Streams of messages with any fields, or none.</summary>
    public static class AnyMessages
    {
        public static Arbitrary<EventStreamMessage[]> Streams() =>
            Hostile.Streams(Gen.Frequency((1, Gen.Constant(default(EventStreamData))), (4, SomeData)));
    }

    /// <summary>Streams of messages with any fields, and data in each.</summary>
    public static class MessagesWithData
    {
        public static Arbitrary<EventStreamMessage[]> Streams() => Hostile.Streams(SomeData);
    }

    private static Arbitrary<EventStreamMessage[]> Streams(Gen<EventStreamData> datas) =>
        Arb.From(Message(datas).ArrayOf(MessagesAStream), Smaller);

    private static Gen<EventStreamMessage> Message(Gen<EventStreamData> datas) =>
        from id in Id
        from name in Event
        from data in datas
        from retry in Retry
        from comment in Comment
        select new EventStreamMessage { Id = id, Event = name, Data = data, Retry = retry, Comment = comment };

    // From a random seed, because a generator for each character is too slow for a megabyte.
    private static Gen<string> TextUpTo(int length) => Gen.Choose(0, int.MaxValue).Select(seed =>
    {
        var random = new Random(seed);
        var target = random.Next(length + 1);
        var text = new StringBuilder(target + 70);
        while (text.Length < target) text.Append(Fragments[random.Next(Fragments.Length)]);
        return text.ToString();
    });
}
