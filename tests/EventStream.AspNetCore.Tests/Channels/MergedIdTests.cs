using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class MergedIdTests
{
    [Fact(Timeout = 30_000)]
    public async Task ToString_LargestPositionsOfAsManyChannelsAsFit_FitWithTheEndMark()
    {
        using var hub = new LoneHub();
        var channels = Enumerable.Range(0, EventStreamSubscription.MaxChannels).Select(n => hub.GetChannel($"c{n}")).ToArray();
        var id = new MergedId([.. channels.Select(channel => channel.History)]);
        for (var n = 0; n < channels.Length; n++) id.Begin(n, Positions.MaxSequence);

        EndMark.After(id.ToString()).Should().HaveLength(EventStreamId.MaxLength).And.StartWith(channels[0].Epoch);
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteLine_SeveralChannels_AllPositionsInTheOrderOfTheChannels()
    {
        using var hub = new LoneHub();
        EventStreamChannel[] channels = [hub.GetChannel("a"), hub.GetChannel("b")];
        var id = new MergedId([.. channels.Select(channel => channel.History)]);
        id.Begin(0, 7);
        id.Begin(1, 9);
        var output = new ArrayBufferWriter<byte>();

        id.WriteLine(output, 1, 10).Should().Be(output.WrittenCount);

        Encoding.ASCII.GetString(output.WrittenSpan).Should().Be($"id: {channels[0].Epoch}-7,{channels[1].Epoch}-10\n");
        id.ToString().Should().Be($"{channels[0].Epoch}-7,{channels[1].Epoch}-10");
    }
}
