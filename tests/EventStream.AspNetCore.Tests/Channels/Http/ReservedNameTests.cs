using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Names that begin with a dollar sign are reserved: no app reads or writes such a channel, with any pattern.</summary>
public abstract class ReservedNameTests(Kept kept) : ChannelTests(kept)
{
    [Theory(Timeout = 30_000)]
    [InlineData("/$nodes")]
    [InlineData("/%24nodes")]
    [InlineData("/of/$nodes")]
    [InlineData("/of/%24nodes")]
    [InlineData("/several?channel=a&channel=$nodes")]
    public async Task Subscribe_ReservedName_404AndNothingIsMade(string path)
    {
        await using var app = await StartAnyAsync();

        using var stream = await app.OpenAsync(path);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        app.Hub().Channels.Should().NotContain(channel => channel.Name.StartsWith('$'));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("$nodes")]
    [InlineData("$")]
    public async Task Publish_ReservedName_IsRefused(string name)
    {
        await using var app = await StartAnyAsync();

        await FluentActions.Awaiting(() => app.Hub().PublishAsync(name, "a").AsTask()).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*does not begin with '$'*");
        app.Hub().TryGetChannel(name, out _).Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_DollarElsewhereInTheName_IsAChannel()
    {
        await using var app = await StartAnyAsync();

        var id = await app.GetChannel("a$").SayAsync("m");

        using var stream = await app.OpenAsync("/a$");
        await stream.ShouldBringAsync(Frame(id, "m"));
    }

    private Task<TestApp> StartAnyAsync() => StartAsync(
        channels => channels.AddChannel("{name}", c => (c.CreateOnSubscribe, c.Start) = (true, EventStreamStart.Oldest)),
        app => app.MapEventStream("/of/{name}", "{name}"));

    public sealed class InMemory() : ReservedNameTests(Kept.InMemory);

    public sealed class InALog() : ReservedNameTests(Kept.InALog);
}
