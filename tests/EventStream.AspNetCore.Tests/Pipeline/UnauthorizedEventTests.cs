namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>The last event that says why a client may not read on.</summary>
public sealed class UnauthorizedEventTests : ReauthorizedStreams
{
    private const string Name = "signed-out";

    private static readonly EventStreamProtocol Protocol = new()
    {
        Unauthorized = new(Name, reason => reason.ToString()),
    };

    [Theory(Timeout = 30_000)]
    [InlineData("/typed")]
    [InlineData("/mvc")]
    [InlineData("/negotiated")]
    [InlineData(Channel)]
    public async Task Rights_AreRefused_LastEventSaysSoWithoutAnId(string path)
    {
        Options = o => o.Protocol = Protocol;
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, path);
        await ExpectDeliveryAsync(app, stream, path);

        Permissions.Taken = "fallback";
        await app.Time.AdvanceAsync(Interval + Tick);

        (await stream.NextAsync()).Should().Match<TestEvent>(last => last.Event == Name && last.Data == "Refused");
        await stream.ExpectEndAsync();
        stream.Body.Should().MatchRegex(@"\n\nevent: signed-out\ndata: Refused\n\nretry: \d+\n\n?$");
    }

    [Fact(Timeout = 30_000)]
    public async Task Function_Throws_IsAFaultOfTheStream()
    {
        Options = o => o.Protocol = new() { Unauthorized = new(Name, _ => throw new InvalidTimeZoneException()) };
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/typed");

        Permissions.Taken = "fallback";
        await app.Time.AdvanceAsync(Interval + Tick);

        await stream.ExpectCutAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Name_OfTheEvent_IsReserved()
    {
        Options = o => o.Protocol = Protocol;
        await using var app = await StartAsync();
        var publisher = app.App.Services.GetRequiredService<IEventStreamPublisher>();

        var publishing = async () => await publisher.PublishAsync("prices", new EventStreamMessage { Event = Name, Data = "forged" });

        await publishing.Should().ThrowAsync<ArgumentException>();
    }
}
