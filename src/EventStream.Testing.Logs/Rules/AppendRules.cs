namespace EventStream.Testing.Logs.Rules;

/// <summary>An appended record gets its sequence, and is read back unchanged.</summary>
internal sealed class AppendRules : LogRules
{
    public async Task Append_OnTwoNodes_NumbersFromOneInTheirOrder()
    {
        Expect.Sequence(await AppendAsync(One, Message("a"), Message("b")), [At(1), At(2)]);
        Expect.Sequence(await AppendAsync(Two, Message("c")), [At(3)]);

        foreach (var node in (IEventStreamLog[])[One, Two, await Store.OpenAsync()])
        {
            var page = await ReadAsync(node);
            Expect.Sequence(TextsOf(page), ["a", "b", "c"]);
            Expect.Sequence(SequencesOf(page), [1, 2, 3]);
            ExpectPage(page, newest: 3);
        }
    }

    public async Task Append_ToSeveralChannels_EachIsNumberedByItself()
    {
        var positions = await AppendAsync(One, Message("a"), Elsewhere("x"), Message("b"));

        Expect.Sequence(positions, [At(1), new(EpochOf(positions[1]), 1), At(2)]);
        Expect.Sequence(TextsOf(await ReadAsync(Two)), ["a", "b"]);
    }

    public async Task Append_WhatIsSaidOfAMessage_IsReadBackWithoutItsIdempotencyKey()
    {
        (string? Event, EventStreamMetadata? Metadata)[] told =
        [
            (null, null),
            ("price", new() { Key = "k", User = "u", Sender = "s", Tag = "t", IdempotencyKey = "i" }),
            ("pr ice", new() { Key = "" }),
            (null, new() { User = "" }),
            (null, new() { Sender = "" }),
            (null, new() { Tag = "" }),
            ("цена 🎈", new() { Key = "ü\t\n\"'\\{}$1%", User = "null", Sender = new('s', 10_000), Tag = "{\"a\":[1]}" }),
        ];

        await AppendAsync(One, [.. told.Select(each => Message("a", each.Metadata) with { Event = each.Event })]);

        Expect.Sequence(
            (await ReadAsync(Two)).Records.Select(entry => (entry.Event, entry.Metadata)),
            told.Select(each => each with { Metadata = each.Metadata is null ? null : each.Metadata with { IdempotencyKey = null } }));
    }

    public async Task Append_AnyBytes_AreReadBackAsTheyWere()
    {
        foreach (var length in (int[])[1, 256, 2_000_000])
        {
            var frame = Enumerable.Range(0, length + 2).Select(i => (byte)(i * 31)).ToArray();

            await AppendAsync(One, Message("") with { Frame = frame.AsMemory(1, length) });

            Expect.True((await ReadAsync(Two)).Records[^1].Frame.Span.SequenceEqual(frame.AsSpan(1, length)), $"{length} bytes");
        }
    }

    public async Task PublishedAt_OfAMessage_IsTheSameForAllWhoeverReadsIt()
    {
        await AppendAsync(One, Message("a"));

        var first = (await ReadAsync(One)).Records[0].PublishedAt;
        await AppendAsync(Two, Message("b"));

        Expect.True(first > DateTimeOffset.UnixEpoch, $"{first}");
        Expect.Equal((await ReadAsync(One)).Records[0].PublishedAt, first);
        Expect.Equal((await ReadAsync(Two)).Records[0].PublishedAt, first);
    }

    public async Task Append_NamesThatDifferALittle_AreDifferentChannels()
    {
        string[] names =
        [
            Name, Name.ToUpperInvariant(), Name + " ", Name + "é", Name + "e\u0301", Name + "%",
            Name.PadRight(256, 'x'), Name.PadRight(255, 'x') + "y",
        ];

        var positions = await AppendAsync(One, [.. names.Select(name => Message(name) with { Channel = name })]);

        Expect.Sequence(positions.Select(position => Given(position).Sequence), Enumerable.Repeat(1L, names.Length));
        Expect.Unique(positions, "each channel has a different epoch");
        var pages = await ReadPagesAsync(Two, [.. names.Select(Everything)]);
        Expect.Sequence(pages.SelectMany(TextsOf), names);
    }
}
