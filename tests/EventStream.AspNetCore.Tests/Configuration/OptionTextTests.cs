using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;

namespace EventStream.AspNetCore.Tests.Configuration;

/// <summary>What the options mean that are written in words, in an app's settings.</summary>
public sealed class OptionTextTests
{
    public static IEnumerable<TheoryDataRow<string, EventStreamStart>> Starts =>
    [
        new("Now", EventStreamStart.Now),
        new("oldest", EventStreamStart.Oldest),
        new("Last(10)", EventStreamStart.Last(10)),
        new("last( 0 )", EventStreamStart.Last(0)),
    ];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Starts))]
    public void Start_InWords_IsTheStart(string text, EventStreamStart start) => Channel("Start", text).Start.Should().Be(start);

    [Fact(Timeout = 30_000)]
    public void Start_AsItIsShown_CanBeWritten()
    {
        foreach (var start in new[] { EventStreamStart.Now, EventStreamStart.Oldest, EventStreamStart.Last(3) })
        {
            Channel("Start", start.ToString()).Start.Should().Be(start);
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Newest")]
    [InlineData("Last")]
    [InlineData("Last()")]
    [InlineData("Last(-1)")]
    [InlineData("Last(99999999999)")]
    [InlineData("10")]
    public void Start_InOtherWords_IsRefused(string text)
    {
        var binding = () => Channel("Start", text);

        binding.Should().Throw<InvalidOperationException>().Which.InnerException!.Message
            .Should().Be($"A start is Now, Oldest or Last(n), such as Last(10). It is not '{text}'.");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("dataonly", false)]
    [InlineData("Default", true)]
    public void Protocol_InWords_IsTheProtocol(string text, bool isDefault) =>
        App("Protocol", text).Protocol.Should().Be(isDefault ? EventStreamProtocol.Default : EventStreamProtocol.DataOnly);

    [Fact(Timeout = 30_000)]
    public void Protocol_ByItsParts_DiffersFromTheDefaultInThem()
    {
        var protocol = App("Protocol:IdOnlyFrames", "false").Protocol!;

        protocol.Should().Be(EventStreamProtocol.Default with { IdOnlyFrames = false, AllowedEvents = protocol.AllowedEvents });
        App("Protocol:AllowedEvents:0", "error").Protocol!.AllowedEvents.Should().Equal("error");
    }

    [Fact(Timeout = 30_000)]
    public void Protocol_PartsOverAPreset_DoNotChangeThePreset()
    {
        var options = new EventStreamOptions { Protocol = EventStreamProtocol.DataOnly };

        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Protocol:LoneLines", "true")]).Build()
            .Bind(options);

        options.Protocol!.LoneLines.Should().BeTrue();
        EventStreamProtocol.DataOnly.LoneLines.Should().BeFalse();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Protocol", "AgUi")]
    [InlineData("Protocol:End", "[DONE]")]
    public void Protocol_InOtherWords_IsRefused(string key, string text)
    {
        var binding = () => App(key, text);

        binding.Should().Throw<InvalidOperationException>().WithMessage($"*'{key}'*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("comment", ":\n")]
    [InlineData("CommentAndBlankLine", ":\n\n")]
    [InlineData("Event(ping)", "event: ping\ndata: \n\n")]
    public void KeepAlive_InWords_IsTheKeepAlive(string text, string frame) =>
        Encoding.UTF8.GetString(App("KeepAlive", text).KeepAlive.Frame.Span).Should().Be(frame);

    [Theory(Timeout = 30_000)]
    [InlineData("ping")]
    [InlineData("Event(message)")]
    [InlineData("Event()")]
    public void KeepAlive_InOtherWords_IsRefused(string text)
    {
        var binding = () => App("KeepAlive", text);

        binding.Should().Throw<InvalidOperationException>().WithMessage("*'KeepAlive'*");
    }

    [Fact(Timeout = 30_000)]
    public void Null_OfAnOptionThatCanBeOff_IsOff()
    {
        var settings = new ConfigurationBuilder().AddJsonStream(new MemoryStream("""{ "KeepAliveInterval": null }"""u8.ToArray())).Build();
        var options = new EventStreamOptions();

        settings.Bind(options);

        options.KeepAliveInterval.Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_OfAChannelInTheSettings_IsWhereASubscriberBegins()
    {
        var settings = new ConfigurationBuilder().AddJsonStream(
            new MemoryStream("""{ "Channels": { "news": { "Start": "Oldest" } } }"""u8.ToArray())).Build();
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news"),
            services: services => services.Configure<EventStreamChannelOptions>("news", settings.GetSection("Channels:news")));
        var id = await app.GetChannel("news").SayAsync("first");

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldBringAsync(ChannelApp.Frame(id, "first"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Function_InTheSettings_StopsTheStart()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("news:OnGap", (string?)"Program.OnGap")])
            .Build();

        var starting = () => ChannelApp.StartAsync(
            channels => channels.AddChannel("news"),
            services: services => services.Configure<EventStreamChannelOptions>("news", settings.GetSection("news")));

        (await starting.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*'Program.OnGap' at 'news:OnGap'*")
            .Which.InnerException!.Message.Should().StartWith("This option cannot be given as text. Set it in C#");
    }

    private static EventStreamChannelOptions Channel(string option, string text) => Bound<EventStreamChannelOptions>(option, text);

    private static EventStreamOptions App(string option, string text) => Bound<EventStreamOptions>(option, text);

    private static T Bound<T>(string option, string text)
        where T : new()
    {
        var options = new T();
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(option, (string?)text)]).Build().Bind(options);
        return options;
    }
}
