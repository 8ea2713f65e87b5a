using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Configuration;

/// <summary>Streams and channels as a section of the app's configuration has them.</summary>
public sealed class StreamConfigurationTests
{
    [Fact(Timeout = 30_000)]
    public async Task Channels_OfTheSection_ExistWithTheirOptions()
    {
        await using var app = await StartAsync(
            """
            { "Retry": null, "Channels": { "prices": { "Start": "Oldest" }, "users/{id}": { "CreateOnSubscribe": true }, "plain": {} } }
            """);
        var id = await app.GetChannel("prices").SayAsync("first");

        using var prices = await app.OpenAsync("/prices");
        using var user = await app.OpenAsync("/users/7");

        await prices.ShouldBringAsync(ChannelApp.Frame(id, "first"));
        await user.ReadPositionAsync();
        app.Hub().TryGetChannel("plain", out _).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Keys_ThatAreNoOptions_StopTheStartWithAllOfThem()
    {
        var starting = () => StartAsync(
            """{ "KeepAliveIntervall": "00:00:20", "Chanels": {}, "Retry": "soon", "EndOfStream": { "Name": "end" } }""");

        (await starting.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should().HaveCount(4)
            .And.Contain(failure => failure.StartsWith("KeepAliveIntervall is no option. There are: KeepAliveInterval, KeepAlive, "))
            .And.Contain(failure => failure.StartsWith("Chanels is no option.") && failure.Contains(", Channels"))
            .And.Contain(
                failure => failure.StartsWith("Retry: A time is hours up to 23, minutes ") && failure.EndsWith("It is not 'soon'."))
            .And.Contain("EndOfStream:Name is no option. There are: Event, Data.");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("""{ "Channels": { "news": { "Capasity": 1 } } }""", "Channels:news:Capasity is no option. There are: Capacity, *")]
    [InlineData("""{ "Channels": { "news": { "Capacity": 0 } } }""", "*channel 'news': Capacity is 0, and must be from 1 to *")]
    [InlineData("""{ "Channels": { "news": { "Capacity": "many" } } }""",
        "Channels:news:Capacity: It takes a whole number, and is 'many'.")]
    [InlineData("""{ "Channels": { "news": { "Capacity": { "Max": 1 } } } }""",
        "Channels:news:Capacity: It takes one value, but the configuration has keys below it.")]
    [InlineData("""{ "Channels": { "news": { "IdleTimeout": null } } }""",
        "Channels:news:IdleTimeout: It cannot be null. Leave it out for its default.")]
    [InlineData("""{ "Channels": { "news": { "InMemory": "yes" } } }""", "Channels:news:InMemory: It takes true or false, and is 'yes'.")]
    [InlineData("""{ "Channels": { "news": { "MaxAge": "30" } } }""", "Channels:news:MaxAge: A time is *It is not '30'.")]
    [InlineData("""{ "Channels": { "news": { "MaxAge": "24:00:00" } } }""", "Channels:news:MaxAge: A time is *It is not '24:00:00'.")]
    [InlineData("""{ "Channels": { "news": { "Protocol": { "AllowedEvents": "error" } } } }""",
        "*AllowedEvents: It takes a list, such as *")]
    [InlineData("""{ "Channels": { "news": { "Protocol": { "Idonly": true } } } }""",
        "Channels:news:Protocol:Idonly is no option. There are: First, *")]
    [InlineData("""{ "Channels": { "news": "1024" } }""", "Channels:news is '1024', and takes options by their names: Capacity, *")]
    [InlineData("""{ "Channels": "news" }""", "Channels is 'news', and takes entries by their names.")]
    [InlineData("""{ "Channels": ["news"] }""", "Channels:0 is 'news', and takes options by their names: Capacity, *")]
    [InlineData("""{ "Channels": { "a{": {} } }""", "*brace*")]
    [InlineData("""{ "KeepAlive": "Event(message)" }""", "KeepAlive: *'message'*")]
    [InlineData("""{ "PostgreSql": { "Schema": "x" } }""", "PostgreSql is no option. *")]
    [InlineData("""{ "Log": { "PublishWait": "00:00:01" } }""", "Log is no option. *")]
    public async Task Mistake_InTheSection_StopsTheStart(string settings, string message)
    {
        var starting = () => StartAsync(settings);

        (await starting.Should().ThrowAsync<Exception>()).WithMessage(message);
    }

    [Fact(Timeout = 30_000)]
    public async Task WholeConfiguration_InsteadOfASection_ReportsIt()
    {
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream("""{ "AllowedHosts": "*" }"""u8.ToArray())).Build();

        var starting = () => TestApp.StartAsync(_ => { }, services => services.AddEventStreams(root));

        (await starting.Should().ThrowAsync<OptionsValidationException>())
            .WithMessage("*AllowedHosts is no option.*GetSection(\"EventStreams\")*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Section_ThatIsNotThere_IsTheDefaults()
    {
        await using var app = await StartAsync("{}");

        app.App.Services.GetRequiredService<IOptions<EventStreamOptions>>().Value.Retry.Should().Be(new EventStreamOptions().Retry);
    }

    [Fact(Timeout = 30_000)]
    public void Code_ComesAfterTheConfiguration()
    {
        var services = new ServiceCollection();
        services
            .AddEventStreams(
                Section("""{ "Retry": "00:00:10", "DrainRetry": "00:00:20", "Channels": { "news": { "Capacity": 1, "MaxBytes": 2048 }}}"""),
                o => o.Retry = TimeSpan.FromSeconds(1))
            .AddChannel("news", c => c.Capacity = 2);
        using var app = services.BuildServiceProvider();

        var options = app.GetRequiredService<IOptions<EventStreamOptions>>().Value;
        var channel = app.GetRequiredService<IOptionsMonitor<EventStreamChannelOptions>>().Get("news");

        (options.Retry, options.DrainRetry).Should().Be((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)));
        (channel.Capacity, channel.MaxBytes).Should().Be((2, 2048L));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("")]
    public void NullOrEmpty_OfAnOptionThatCanBeOff_IsOff(string? text)
    {
        var services = new ServiceCollection();
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("EventStreams:KeepAliveInterval", text), new("EventStreams:Retry", text)])
            .Build();
        services.AddEventStreams(settings.GetSection("EventStreams"));
        using var app = services.BuildServiceProvider();

        var options = app.GetRequiredService<IOptions<EventStreamOptions>>().Value;

        (options.KeepAliveInterval, options.Retry).Should().Be(((TimeSpan?)null, (TimeSpan?)null));
    }

    [Fact(Timeout = 30_000)]
    public void Configuration_AddedAfterTheStreams_Counts()
    {
        var settings = new ConfigurationManager();
        var services = new ServiceCollection();
        services.AddEventStreams(settings.GetSection("EventStreams"));
        settings.AddInMemoryCollection([new("EventStreams:Channels:late:Capacity", "7")]);
        using var app = services.AddLogging().AddRouting().BuildServiceProvider();

        app.GetRequiredService<EventStreamHub>().TryGetChannel("late", out var channel);

        channel!.Definition.Options.Capacity.Should().Be(7);
    }

    [Fact(Timeout = 30_000)]
    public void Channel_InAnotherCaseThanTheCodes_IsTheCodes()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("EventStreams:Channels:PRICES:Capacity", "7")]).Build();
        var services = new ServiceCollection();
        services.AddEventStreams(settings.GetSection("EventStreams")).AddChannel("prices");
        using var app = services.AddLogging().AddRouting().BuildServiceProvider();
        var hub = app.GetRequiredService<EventStreamHub>();

        hub.GetChannel("prices").Definition.Options.Capacity.Should().Be(7);
        hub.TryGetChannel("PRICES", out _).Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public void Change_WhileTheAppRuns_CountsAfterARestart()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("EventStreams:Retry", "00:00:10")]).Build();
        var services = new ServiceCollection();
        services.AddEventStreams(settings.GetSection("EventStreams"));
        using var app = services.BuildServiceProvider();
        var options = app.GetRequiredService<IOptionsMonitor<EventStreamOptions>>();
        var before = options.CurrentValue.Retry;

        settings["EventStreams:Retry"] = "00:00:20";
        settings.Reload();

        (before, options.CurrentValue.Retry).Should().Be((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)));
    }

    [Fact(Timeout = 30_000)]
    public async Task Log_InTheSection_HasItsOptions()
    {
        await using var app = await StartAsync(
            """{ "Log": { "PublishWait": "00:00:05" } }""", streams => streams.AddLog(_ => new SharedLog()));

        app.Hub().Node!.Options.PublishWait.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact(Timeout = 30_000)]
    public async Task Channels_OfTheSection_AreNamedAtTheStartWhereTheyAreInMemory()
    {
        await using var app = await StartAsync("""{ "Channels": { "news": {}, "here": { "InMemory": true } } }""");

        app.Log.Entries.Should().ContainSingle(entry => entry.Id == 31).Which
            .Message.Should().StartWith("These channels are in the memory of this process: news. ");
    }

    private static Task<TestApp> StartAsync(string settings, Action<EventStreamBuilder>? add = null) => TestApp.StartAsync(
        app => app.MapEventStream("/{**name}", context => (string)context.GetRouteValue("name")!),
        services =>
        {
            var streams = services.AddEventStreams(Section(settings));
            add?.Invoke(streams);
        });

    // As its own section, whose paths begin with its keys.
    private static IConfiguration Section(string settings) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings))).Build();
}
