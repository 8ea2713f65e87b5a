using System.Text.Json.Serialization;
using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class GapTests
{
    private const string Frame = """
        id: e-9
        event: stream-gap
        data: {"channel":"prices","reason":"evicted","requested":"e-2","oldest":"e-8","newest":"e-9","lost":5}


        """;

    private static readonly EventStreamClientGap Gap = new("evicted", "prices", "e-2", "e-8", "e-9", 5);

    [Fact(Timeout = 30_000)]
    public async Task Gap_OfTheServer_IsInTheStreamAndObserved()
    {
        List<EventStreamClientGap> observed = [];
        await using var peer = await Peer.StartAsync(Peer.Stream(Frame + "id: e-10\ndata: a\n\n"));

        var events = await peer.ReadToEndAsync(new() { OnGap = observed.Add });

        events.Select(each => (each.Event, each.LastEventId, each.Gap))
            .Should().Equal(("stream-gap", "e-9", Gap), ("message", "e-10", null));
        events[0].Data.Should().StartWith("{\"channel\"");
        observed.Should().Equal(Gap);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("lost it")]
    [InlineData("[1]")]
    [InlineData("{\"reason\":\"\\ud800\"}")]
    [InlineData("")]
    [InlineData("{\"lost\":\"many\",\"reason\":7}")]
    public async Task Gap_InOtherWords_IsAGapAnyway(string data)
    {
        await using var peer = await Peer.StartAsync(Peer.Stream($"event: stream-gap\ndata: {data}\n\n"));

        var events = await peer.ReadToEndAsync();

        events.Should().ContainSingle().Which.Gap.Should().Be(new EventStreamClientGap("unspecified", null, null, null, null, null));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_InATypedStream_HasNoDataAndReportsIt()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(Frame + "id: e-10\ndata: {\"n\":10}\n\n"));
        List<EventStreamClientEvent<Number>> events = [];

        await foreach (var message in peer.Client.ReadEventStreamAsync(
            "/", NumberContext.Default.Number, new() { Reconnect = EventStreamClientReconnect.Never })) events.Add(message);

        events[0].Gap.Should().Be(Gap);
        events[0].Invoking(each => each.Data).Should().Throw<InvalidOperationException>()
            .WithMessage("*announces a gap, reason 'evicted'. Check Gap*");
        events[1].Data.Should().Be(new Number(10));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_OfATypedEvent_IsPrintedWithoutData()
    {
        var gap = new EventStreamClientEvent<Number> { Event = "stream-gap", LastEventId = "e-9", Gap = Gap };
        var number = new EventStreamClientEvent<Number> { Data = new(10), LastEventId = "e-10" };

        gap.ToString().Should().Be($"EventStreamClientEvent {{ Event = stream-gap, LastEventId = e-9, Gap = {Gap} }}");
        number.ToString().Should().Be("EventStreamClientEvent { Event = message, Data = Number { N = 10 }, LastEventId = e-10, Gap =  }");
    }

    internal sealed record Number(int N);
}

[JsonSerializable(typeof(GapTests.Number))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class NumberContext : JsonSerializerContext;
