using System.Text;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What a channel makes of a message for a log that takes it in by another way.</summary>
public sealed class RecordTests : IDisposable
{
    private readonly LoneHub _hub = new(c => (c.MaxBytes, c.LatestByKey) = (1024, true));

    [Fact(Timeout = 30_000)]
    public async Task CreateRecord_OfAMessage_IsTheFrameWithoutAnIdAndNothingIsPublished()
    {
        var metadata = new EventStreamMetadata { User = "ann", Tag = 7, IdempotencyKey = "k" };

        var record = _hub.GetChannel("news").CreateRecord(new EventStreamMessage { Event = "price", Data = "1\n2", Retry = TimeSpan.FromSeconds(1) }, metadata);

        TextOf(record).Should().Be("event: price\ndata: 1\ndata: 2\nretry: 1000\n\n");
        record.Should().BeEquivalentTo(new { Channel = "news", Event = "price", Metadata = metadata, Replaces = false, IsEnd = false });
        _hub.GetChannel("news").Newest!.Value.Sequence.Should().Be(0, "nothing was published");
    }

    [Fact(Timeout = 30_000)]
    public async Task CreateRecord_OfAValue_IsWhatPublishWouldSend()
    {
        TextOf(_hub.GetChannel("news").CreateRecord("a \"text\"")).Should().Be("data: a \"text\"\n\n");
        TextOf(_hub.GetChannel("news").CreateRecord(new { Symbol = "MSFT" })).Should().Be("data: {\"symbol\":\"MSFT\"}\n\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true, "k", true)]
    [InlineData(true, null, false)]
    [InlineData(false, "k", false)]
    public async Task CreateRecord_WithAKey_ReplacesWhereTheChannelKeepsTheLatest(bool latestByKey, string? key, bool replaces)
    {
        using var hub = new LoneHub(c => c.LatestByKey = latestByKey);

        hub.GetChannel("news").CreateRecord(new EventStreamMessage { Data = "1" }, new() { Key = key }).Replaces.Should().Be(replaces);
    }

    [Fact(Timeout = 30_000)]
    public async Task CreateRecord_OfWhatCannotBePublished_IsRefused()
    {
        var channel = _hub.GetChannel("news");

        channel.Invoking(it => it.CreateRecord(default(EventStreamMessage))).Should().Throw<ArgumentException>().WithMessage("*empty*");
        channel.Invoking(it => it.CreateRecord(new EventStreamMessage { Id = "1", Data = "a" })).Should().Throw<ArgumentException>().WithMessage("*gives each message its own*");
        channel.Invoking(it => it.CreateRecord(new EventStreamMessage { Data = new string('x', 1024) })).Should().Throw<ArgumentException>().WithMessage("*at most 1024*");
        channel.Invoking(it => it.CreateRecord((string?)null)).Should().Throw<ArgumentException>().WithMessage("*null text*");
    }

    public void Dispose() => _hub.Dispose();

    private static string TextOf(EventStreamLogRecord record) => Encoding.UTF8.GetString(record.Frame.Span);
}
