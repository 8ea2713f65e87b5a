using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>What is appended gets its number, and is read back as it was.</summary>
public abstract class LogAppendContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_OnTwoNodes_NumbersFromOneInTheirOrder()
    {
        (await AppendAsync(One, Message("a"), Message("b"))).Should().Equal(At(1), At(2));
        (await AppendAsync(Two, Message("c"))).Should().Equal(At(3));

        foreach (var node in (IEventStreamLog[])[One, Two, await Store.OpenAsync()])
        {
            var page = await ReadAsync(node);
            TextsOf(page).Should().Equal("a", "b", "c");
            SequencesOf(page).Should().Equal(1, 2, 3);
            page.Should().BeEquivalentTo(new { Epoch, Newest = 3L, BeforeOldest = 0L, IsComplete = false });
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ToSeveralChannels_EachIsNumberedByItself()
    {
        var positions = await AppendAsync(One, Message("a"), Message("x") with { Channel = OtherName }, Message("b"));

        positions.Should().Equal(At(1), new(EpochOf(positions[1]), 1), At(2));
        TextsOf(await ReadAsync(Two)).Should().Equal("a", "b");
    }

    public static TheoryData<string?, EventStreamMetadata?> Told => new()
    {
        { null, null },
        { "price", new() { Key = "k", User = "u", Sender = "s", Tag = "t", IdempotencyKey = "i" } },
        { "pr ice", new() { Key = "" } },
        { null, new() { User = "" } },
        { null, new() { Sender = "" } },
        { null, new() { Tag = "" } },
        { "цена 🎈", new() { Key = "ü\t\n\"'\\{}$1%", User = "null", Sender = new('s', 10_000), Tag = "{\"a\":[1]}" } },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Told), DisableDiscoveryEnumeration = true)]
    public async Task Append_WhatIsSaidOfAMessage_IsReadBackWithoutItsIdempotencyKey(string? name, EventStreamMetadata? metadata)
    {
        await AppendAsync(One, Message("a", metadata) with { Event = name });

        var entry = (await ReadAsync(Two)).Entries.Should().ContainSingle().Subject;
        entry.Event.Should().Be(name);
        entry.Metadata.Should().Be(metadata is null ? null : metadata with { IdempotencyKey = null });
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(2_000_000)]
    public async Task Append_AnyBytes_AreReadBackAsTheyWere(int length)
    {
        var frame = Enumerable.Range(0, length + 2).Select(i => (byte)(i * 31)).ToArray();

        await AppendAsync(One, Message("") with { Frame = frame.AsMemory(1, length) });

        (await ReadAsync(Two)).Entries.Single().Frame.Span.SequenceEqual(frame.AsSpan(1, length)).Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task PublishedAt_OfAMessage_IsTheSameForAllWhoeverReadsIt()
    {
        await AppendAsync(One, Message("a"));

        var first = (await ReadAsync(One)).Entries.Single().PublishedAt;
        await AppendAsync(Two, Message("b"));

        first.Should().BeAfter(DateTimeOffset.UnixEpoch);
        (await ReadAsync(One)).Entries[0].PublishedAt.Should().Be(first);
        (await ReadAsync(Two)).Entries[0].PublishedAt.Should().Be(first);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_NamesThatDifferALittle_AreDifferentChannels()
    {
        string[] names = [Name, Name.ToUpperInvariant(), Name + " ", Name + "é", Name + "e\u0301", Name + "%", Name.PadRight(256, 'x'), Name.PadRight(255, 'x') + "y"];

        var positions = await AppendAsync(One, [.. names.Select(name => Message(name) with { Channel = name })]);

        positions.Select(position => position.Sequence).Should().Equal(Enumerable.Repeat(1L, names.Length));
        positions.Should().OnlyHaveUniqueItems("each has an epoch of its own");
        var pages = await Two.ReadAsync([.. names.Select(name => new EventStreamLogRequest(name, 0, 10, 10_000))], CancellationToken.None);
        pages.Select(page => TextsOf(page).Single()).Should().Equal(names);
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_Cancelled_AllOfItsRecordsOrNone()
    {
        const int calls = 60;

        // Some are cancelled before they begin, some in the middle, some when they are through.
        var appended = await AtOnceAsync(calls, async (node, call) =>
        {
            using var cancel = new CancellationTokenSource();
            var records = Enumerable.Range(0, 6).Select(i => Message($"{call}") with { Channel = i < 3 ? Name : OtherName }).ToArray();
            if (call % 6 == 1) await cancel.CancelAsync();
            var append = node.AppendAsync(records, cancel.Token).AsTask();
            for (var i = 0; i < call % 5 * 4; i++) await Task.Yield();
            if (call % 4 != 0) await cancel.CancelAsync();
            try
            {
                await Soon.OrFail(append);
                return $"{call}";
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        });

        // What is in the first channel now is in the other that is read after it, also of a call whose outcome its caller does not know.
        var first = TextsOf(await ReadAsync(One)).CountBy(text => text).ToArray();
        var second = TextsOf((await One.ReadAsync([new(OtherName, 0, 10_000, int.MaxValue)], CancellationToken.None))[0]).CountBy(text => text).ToArray();
        first.Concat(second).Should().OnlyContain(call => call.Value == 3);
        first.Except(second).Should().BeEmpty();
        appended.OfType<string>().Should().HaveCountGreaterThanOrEqualTo(calls / 4).And.BeSubsetOf(first.Select(call => call.Key));
    }
}
