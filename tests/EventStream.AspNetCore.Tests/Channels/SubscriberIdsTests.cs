using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class SubscriberIdsTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(n => (byte)n)];

    [Fact(Timeout = 30_000)]
    public async Task MostChannels_LargestPositions_FitWithTheEndMarkAndOneMoreDoesNot()
    {
        SubscriberIds.MostChannels(signed: false).Should().Be(5).And.Be(EventStreamSubscription.MaxChannels);
        SubscriberIds.MostChannels(signed: true).Should().Be(4);
        EndMark.After(Largest(5, key: null)).Should().HaveLength(128).And.StartWith(Largest(1, key: null)[..3]);
        EndMark.After(Largest(4, Key)).Length.Should().BeLessThanOrEqualTo(128).And.BeGreaterThan(EndMark.Suffix.Length);
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteLine_SeveralChannels_AllPositionsInTheOrderOfTheChannels()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.Channel("a"), hub.Channel("b")];
        var ids = new SubscriberIds(channels, key: null, user: null);
        ids.Begin(0, 7);
        ids.Begin(1, 9);

        LineOf(ids, 1, 10).Should().Be($"id: {channels[0].Epoch}-7,{channels[1].Epoch}-10\n");
        ids.ToString().Should().Be($"{channels[0].Epoch}-7,{channels[1].Epoch}-10");
    }

    [Fact(Timeout = 30_000)]
    public async Task Verify_Signed_ThePositionsForTheSameUserAlone()
    {
        using var hub = new LoneHub();
        var channel = hub.Channel("a");
        var line = LineOf(new SubscriberIds([channel], Key, "ann"), 0, 42);
        var id = line[4..^1];

        id.Should().MatchRegex(@"^[0-9a-z]{9}-42\.[A-Za-z0-9_-]{22}$");
        new SubscriberIds([channel], Key, "ann").Verify(id).Should().Be($"{channel.Epoch}-42");
        new SubscriberIds([channel], Key, "bob").Verify(id).Should().BeNull();
        new SubscriberIds([channel], Key, user: null).Verify(id).Should().BeNull();
        new SubscriberIds([channel], [.. Key.Reverse()], "ann").Verify(id).Should().BeNull();
        new SubscriberIds([channel], Key, "ann\0").Verify(id).Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Verify_AnyCharacterChangedCutOrAdded_IsRefused()
    {
        using var hub = new LoneHub();
        var ids = new SubscriberIds([hub.Channel("a"), hub.Channel("b")], Key, "ann");
        var id = LineOf(ids, 0, 1_000_000)[4..^1];

        ids.Verify(id).Should().NotBeNull();
        for (var i = 0; i < id.Length; i++)
        {
            foreach (var other in (char[])['0', '1', '.', ',', 'A', 'é', '\0', '\uD800'])
            {
                if (other != id[i]) ids.Verify(id[..i] + other + id[(i + 1)..]).Should().BeNull($"character {i} is {(int)other}");
            }

            ids.Verify(id[..i]).Should().BeNull();
            ids.Verify(id[(i + 1)..]).Should().BeNull();
            ids.Verify(id[..i] + "0" + id[i..]).Should().BeNull();
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("é.AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("a.ééééééééééééééééééééééé")]
    public async Task Verify_Rotten_IsRefused(string id)
    {
        using var hub = new LoneHub();
        var ids = new SubscriberIds([hub.Channel("a")], Key, "ann");

        ids.Verify(id).Should().BeNull();
        ids.Verify(new string('é', 105) + ".AAAAAAAAAAAAAAAAAAAAAA").Should().BeNull();
        ids.Verify(new string('a', 100_000) + ".AAAAAAAAAAAAAAAAAAAAAA").Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Verify_AfterRottenIds_WhatIsWrittenIsStillGood()
    {
        using var hub = new LoneHub();
        var ids = new SubscriberIds([hub.Channel("a")], Key, "ann");
        ids.Verify(new string('\u0001', 90) + "." + new string('A', 22)).Should().BeNull();

        ids.Verify(LineOf(ids, 0, 3)[4..^1]).Should().NotBeNull();
    }

    private static string Largest(int count, byte[]? key)
    {
        using var hub = new LoneHub();
        var ids = new SubscriberIds([.. Enumerable.Range(0, count).Select(n => hub.Channel($"c{n}"))], key, "ann");
        for (var n = 0; n < count; n++) ids.Begin(n, Positions.MaxSequence);
        return ids.ToString();
    }

    private static string LineOf(SubscriberIds ids, int channel, long sequence)
    {
        var output = new ArrayBufferWriter<byte>();
        ids.WriteLine(output, channel, sequence).Should().Be(output.WrittenCount);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
