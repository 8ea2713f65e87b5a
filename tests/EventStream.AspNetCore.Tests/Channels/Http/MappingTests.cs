using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.Extensions.Options;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Channels by name and by pattern, and the ways to an endpoint of one.</summary>
public sealed class MappingTests
{
    [Fact(Timeout = 30_000)]
    public async Task AddChannel_TwiceTheSame_BothSetItsOptions()
    {
        await using var app = await StartAsync(channels => channels
            .AddChannel("news", c => c.Capacity = 2)
            .AddChannel("news", c => c.Start = EventStreamStart.Oldest));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldBringAsync(Frame(ids[4], "m4") + Frame(ids[5], "m5"));
        app.Hub().Channels.Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_OptionsOfItsOwn_HoldForItsStreamsAlone()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news").AddChannel("answers/{id}"),
            app =>
            {
                app.MapEventStream("/own", "news", o => o.LastEventIdQueryParameter = "after");
                app.MapEventStream("/answers/{id}", "answers/{id}", o => o.LastEventIdQueryParameter = "after");
            });
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var own = await app.OpenAsync($"/own?after={ids[1]}");
        using var other = await app.OpenAsync($"/news?after={ids[1]}");
        var finished = await app.Client.GetAsync("/answers/gone?after=x.end");

        await own.ShouldBringAsync(Frame(ids[2], "m2"));
        await other.ShouldBringAsync(Position(ids[2]));
        finished.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("prise")]
    [InlineData("answer/{id}")]
    public async Task MapEventStream_NameThatWasNotAdded_IsRefusedWhenItIsMapped(string channel)
    {
        var starting = () => StartAsync(
            channels => channels.AddChannel("prices").AddChannel("answers/{id}"), app => app.MapEventStream("/{id}", channel));

        (await starting.Should().ThrowAsync<InvalidOperationException>()).WithMessage($"No channel or pattern '{channel}' was added*");
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_OptionsOfARequest_HoldForItsStreamAlone()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app => app.MapEventStream("/own", _ => "news", (context, o) => o.LastEventIdQueryParameter = context.Request.Query["name"]));
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var resumed = await app.OpenAsync($"/own?name=after&after={ids[1]}");
        using var other = await app.OpenAsync($"/own?after={ids[1]}");

        await resumed.ShouldBringAsync(Frame(ids[2], "m2"));
        await other.ShouldBringAsync(Position(ids[2]));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("news")]
    [InlineData("orders/{id}")]
    public async Task MapEventStream_OptionOutOfRange_IsRefusedWhenItIsMapped(string channel)
    {
        var start = () => StartAsync(
            channels => channels.AddChannel("news").AddChannel("orders/{id}"),
            app => app.MapEventStream("/own/{id}", channel, o => o.KeepAliveInterval = TimeSpan.Zero));

        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage("*KeepAliveInterval*");
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_OptionOfARequestOutOfRange_IsAnErrorOfThatRequestBeforeAByte()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app => app.MapEventStream(
                "/own", _ => "news", (context, o) => o.Retry = TimeSpan.FromSeconds(int.Parse(context.Request.Query["s"]!))));

        using var wrong = await app.OpenAsync("/own?s=0");
        using var right = await app.OpenAsync("/own?s=5");

        wrong.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await wrong.ReadToEndAsync()).Should().BeEmpty();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception.Should().BeOfType<OptionsValidationException>();
        (await right.ReadRetryAsync()).Should().BeInRange(5000, 7500);
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_FunctionReturnsNull_ErrorNamesWhatToReturn()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app => app.MapEventStream("/null", _ => (EventStreamSubscription)null!));

        using var stream = await app.OpenAsync("/null");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("Return a subscription");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("orders/1", 1)]
    [InlineData("orders/all", 2)]
    [InlineData("orders/1/lines", 3)]
    [InlineData("orders/x-y", 4)]
    public async Task AddChannel_SeveralMatch_ExactNameWinsThenThePatternAddedFirst(string name, int capacity)
    {
        await using var app = await StartAsync(channels => channels
            .AddChannel("orders/{a}-{b}", c => c.Capacity = 4)
            .AddChannel("orders/{id}", c => c.Capacity = 1)
            .AddChannel("orders/all", c => c.Capacity = 2)
            .AddChannel("orders/{id}/lines", c => c.Capacity = 3));
        var channel = app.GetChannel(name);

        await channel.SayManyAsync(10);

        channel.Count.Should().Be(capacity);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a{b")]
    [InlineData("a}b")]
    [InlineData("a{}b")]
    [InlineData("a{b{c}")]
    [InlineData("$nodes")]
    [InlineData("${name}")]
    public void AddChannel_NameThatNoneCanHave_IsRefused(string name)
    {
        var channels = new ServiceCollection().AddEventStreams();

        FluentActions.Invoking(() => channels.AddChannel(name)).Should().Throw<ArgumentException>();
    }

    [Fact(Timeout = 30_000)]
    public void AddChannel_NameIsTooLong_IsRefused() =>
        FluentActions.Invoking(() => new ServiceCollection().AddEventStreams().AddChannel(new string('x', 257)))
            .Should().Throw<ArgumentException>().WithMessage("*256*");

    public static TheoryData<string, Action<EventStreamChannelOptions>> Wrongs => new()
    {
        { "Capacity", c => c.Capacity = 0 },
        { "Capacity", c => c.Capacity = (1 << 24) + 1 },
        { "MaxBytes", c => c.MaxBytes = 1023 },
        { "MaxBytes", c => c.MaxBytes = (1L << 40) + 1 },
        { "MaxAge", c => c.MaxAge = TimeSpan.Zero },
        { "MaxAge", c => c.MaxAge = TimeSpan.FromDays(31) },
        { "IdleTimeout", c => c.IdleTimeout = TimeSpan.Zero },
        { "IdleTimeout", c => c.IdleTimeout = TimeSpan.FromDays(31) },
        { "Protocol", c => c.Protocol = new() { Gap = new("error", _ => "{}") } },
        { "Protocol", c => c.Protocol = new() { AllowedEvents = null! } },
        { "OnGap", c => c.Protocol = new() { Gap = null } },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Wrongs), DisableDiscoveryEnumeration = true)]
    public async Task Options_OutOfRange_StopTheAppWhenItStarts(string option, Action<EventStreamChannelOptions> configure)
    {
        var start = () => TestApp.StartAsync(
            _ => { }, services => services.AddEventStreams().AddChannel("news").AddChannel("orders/{id}", configure));

        (await start.Should().ThrowAsync<OptionsValidationException>()).WithMessage($"*orders/{{id}}*{option}*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/orders/7", "orders/7")]
    [InlineData("/orders/a%20b", "orders/a b")]
    [InlineData("/orders/%C3%A9", "orders/é")]
    [InlineData("/orders/a%2Fb", "orders/a%2Fb")]
    [InlineData("/orders/%7Bid%7D", "orders/{id}")]
    [InlineData("/orders/..%2e", "orders/...")]
    public async Task MapEventStream_RouteValue_NamesTheChannel(string path, string name)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("orders/{id}", c => c.Start = EventStreamStart.Oldest),
            app => app.MapEventStream("/orders/{id}", "orders/{id}"));
        var id = await app.GetChannel(name).SayAsync("this one");

        using var stream = await app.OpenAsync(path);

        await stream.ShouldBringAsync(Frame(id, "this one"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/orders/a%0Ab")]
    [InlineData("/orders/%7F")]
    [InlineData("/deep/a/b")]
    [InlineData("/orders/long")]
    public async Task MapEventStream_RouteValueThatNoChannelCanHave_404(string path)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("orders/{id}", c => c.CreateOnSubscribe = true),
            app =>
            {
                app.MapEventStream("/orders/{id}", "orders/{id}");
                app.MapEventStream("/deep/{**id}", "orders/{id}");
            });

        using var stream = await app.OpenAsync(path.Replace("long", new string('x', 250)));

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_RouteHasNoSuchValue_ErrorNamesThePlaceholder()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("orders/{id}"),
            app => app.MapEventStream("/mine/{number?}", "orders/{id}"));

        using var stream = await app.OpenAsync("/mine/7");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("'id'");
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_NoChannelsWereAdded_NamesWhatToCall()
    {
        var start = () => TestApp.StartAsync(app => app.MapEventStream("/news", "news"));

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*AddEventStreams()*");
    }

    [Fact(Timeout = 30_000)]
    public async Task MapEventStream_Selector_RequestChoosesTheChannel()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("a").AddChannel("b"),
            app => app.MapEventStream(
                "/choose", context => new EventStreamSubscription(context.Request.Query["c"]) { Start = EventStreamStart.Oldest }));
        await app.GetChannel("a").SayAsync("from a");
        var id = await app.GetChannel("b").SayAsync("from b");

        using var stream = await app.OpenAsync("/choose?c=b");

        await stream.ShouldBringAsync(Frame(id, "from b"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/results")]
    [InlineData("/typed")]
    [InlineData("/extensions")]
    [InlineData("/mvc")]
    public async Task Result_OfAChannel_StreamsAndResumesLikeItsEndpoint(string path)
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app =>
            {
                app.MapGet("/results", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("news")));
                app.MapGet("/typed", (EventStreamHub hub) => TypedResults.EventStream(hub.GetChannel("news")));
                app.MapGet("/extensions", (EventStreamHub hub) => Results.Extensions.EventStream(hub.GetChannel("news")));
                app.MapControllers();
            },
            services: services => services.AddController<NewsController>());
        var ids = await app.GetChannel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync(path, ids[1]);
        await stream.ShouldBringAsync(Frame(ids[2], "m2"));
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync(End(ids[2]));
        stream.Header("Content-Type").Should().Be("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Hub_TryGetChannel_MakesNoneOfAPattern()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news").AddChannel("orders/{id}"));

        app.Hub().TryGetChannel("news", out _).Should().BeTrue("a name that was added always exists");
        app.Hub().TryGetChannel("orders/1", out _).Should().BeFalse();
        app.GetChannel("orders/1").Name.Should().Be("orders/1");
        app.Hub().TryGetChannel("orders/1", out var made).Should().BeTrue();
        made.Should().BeSameAs(app.GetChannel("orders/1"));
        app.Hub().TryGetChannel("nothing", out _).Should().BeFalse();
    }

    [Microsoft.AspNetCore.Mvc.Route("mvc")]
    public sealed class NewsController : Microsoft.AspNetCore.Mvc.ControllerBase
    {
        [Microsoft.AspNetCore.Mvc.HttpGet]
        public EventStreamResult Get([Microsoft.AspNetCore.Mvc.FromServices] EventStreamHub hub) => new(hub.GetChannel("news"));
    }
}
