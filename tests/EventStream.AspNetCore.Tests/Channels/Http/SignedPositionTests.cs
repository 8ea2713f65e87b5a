using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Positions with a signature: nobody makes one up, and nobody carries one to another user's stream.</summary>
public abstract class SignedPositionTests(Kept kept) : ChannelTests(kept)
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Signed_OwnPosition_ResumesWithNothingMissing(bool http2)
    {
        await using var app = await StartSignedAsync(http2: http2);
        var (first, ids) = await FirstIdAsync(app, "ann");

        using var stream = await OpenAsync(app, "ann", first);
        await app.Channel("news").CompleteAsync();

        var last = await ReadFrameAsync(stream, "m2");
        last.Should().StartWith(ids[2] + ".");
        await stream.ShouldEndWithAsync(End(last));
    }

    [Fact(Timeout = 30_000)]
    public async Task Signed_Id_IsThePositionAnd22CharactersOfSignature()
    {
        await using var app = await StartSignedAsync();

        var (first, ids) = await FirstIdAsync(app, "ann");

        first.Should().MatchRegex($"^{ids[1]}\\.[0-9A-Za-z_-]{{22}}$");
        first.Should().Be(ids[1] + "." + Signature("ann", ids[1]));
    }

    [Fact(Timeout = 30_000)]
    public async Task Signed_UserKnownBySubAlone_ThePositionIsTheirs()
    {
        await using var app = await StartSignedAsync();
        var ids = await app.Channel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/news", ids[1] + "." + Signature("ann", ids[1]), request => request.Headers.Add("X-Sub", "ann"));

        await ReadFrameAsync(stream, "m2");
    }

    [Fact(Timeout = 30_000)]
    public async Task Signed_AuthenticatedWithoutAnId_IsRefusedBeforeAByteIsSent()
    {
        await using var app = await StartSignedAsync();

        using var stream = await app.OpenAsync("/news", change: request => request.Headers.Add("X-Role", "admin"));

        stream.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Single().Exception!.Message.Should().Contain("EventStreamSubscription.User");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("ben")]
    [InlineData(null)]
    public async Task Signed_PositionOfAnotherUser_IsForged(string? user)
    {
        await using var app = await StartSignedAsync();
        var (first, ids) = await FirstIdAsync(app, "ann");

        using var stream = await OpenAsync(app, user, first);

        await ShouldTellForgedAsync(stream, first, ids);
    }

    public static TheoryData<string> Forgeries =>
        ["{1}", "{1}.", "{1}.AAAAAAAAAAAAAAAAAAAAAA", "{2}.{signature of 1}", "{1}.{signature of 1}A", "{1}.{signature of 1, short}", ".{signature of 1}", "{1}x.{signature of 1}", "{1}.ééééééééééééééééééééé\u00e9"];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Forgeries))]
    public async Task Signed_MadeUp_IsForged(string requested)
    {
        await using var app = await StartSignedAsync();
        var (_, ids) = await FirstIdAsync(app, "ann");
        var signature = Signature("ann", ids[1]);
        requested = requested.Replace("{1}", ids[1]).Replace("{2}", ids[2]).Replace("{signature of 1}", signature).Replace("{signature of 1, short}", signature[..21]);

        using var stream = await OpenAsync(app, "ann", requested, asQuery: true);

        await ShouldTellForgedAsync(stream, requested.Replace("é", @"\u00E9"), ids);
    }

    [Fact(Timeout = 30_000)]
    public async Task Signed_OneKeyOnTwoNodes_SignatureHoldsAndTheRestartIsTold()
    {
        await using var one = await StartSignedAsync();
        var (first, _) = await FirstIdAsync(one, "ann");
        await using var two = await StartSignedAsync();
        var ids = await two.Channel("news").SayManyAsync(2);

        using var stream = await OpenAsync(two, "ann", first);

        (await stream.ReadLineAsync()).Should().Be($"id: {ids[0]}.{Signature("ann", ids[0])}\n");
        await stream.ShouldBringAsync(Gap("news", "restarted", first, ids[1], ids[2], null));
    }

    [Fact(Timeout = 30_000)]
    public async Task Signed_UserOfTheSubscription_IsTheOneThatCounts()
    {
        await using var app = await StartSignedAsync(app => app.MapEventStream("/tenant", _ => new EventStreamSubscription("news") { User = "tenant" }));
        var ids = await app.Channel("news").SayManyAsync(2);

        using var stream = await app.OpenAsync("/tenant", ids[1] + "." + Signature("tenant", ids[1]), request => request.Headers.Add("X-User", "ann"));

        await stream.ShouldBringAsync(Frame(ids[2] + "." + Signature("tenant", ids[2]), "m2"));
    }

    // The documented signature, computed by other means.
    private static string Signature(string user, string positions) =>
        Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Key, System.Text.Encoding.UTF8.GetBytes($"{user}\0{positions}"))[..16])
            .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static async Task ShouldTellForgedAsync(StreamReading stream, string requested, string[] ids)
    {
        (await stream.ReadLineAsync()).Should().StartWith($"id: {ids[0]}.");
        await stream.ShouldBringAsync(Gap("news", "forged", requested, ids[1], ids[2], null));
        await ReadFrameAsync(stream, "m1");
    }

    /// <summary>Publishes two messages, and returns the id of the first as a user has it, and both as the channel has them.</summary>
    private static async Task<(string First, string[] Ids)> FirstIdAsync(TestApp app, string user)
    {
        using var stream = await OpenAsync(app, user);
        await stream.ReadPositionAsync();
        var ids = await app.Channel("news").SayManyAsync(2);
        return (await ReadFrameAsync(stream, "m1"), ids);
    }

    private static async Task<string> ReadFrameAsync(StreamReading stream, string data)
    {
        var id = (await stream.ReadLineAsync())[4..^1];
        await stream.ShouldBringAsync($"data: {data}\n\n");
        return id;
    }

    private static Task<StreamReading> OpenAsync(TestApp app, string? user, string? lastEventId = null, bool asQuery = false) => app.OpenAsync(
        asQuery ? "/news?at=" + Uri.EscapeDataString(lastEventId!) : "/news",
        asQuery ? null : lastEventId,
        request =>
        {
            if (user is not null) request.Headers.Add("X-User", user);
        });

    private Task<TestApp> StartSignedAsync(Action<WebApplication>? map = null, bool http2 = false) => StartAsync(
        channels => channels.AddChannel("news", c => c.SigningKey = Key),
        app =>
        {
            app.UseAuthentication();
            map?.Invoke(app);
        },
        options: o => o.LastEventIdQueryParameter = "at",
        services: HeaderAuthentication.AddTo,
        http2: http2);

    public sealed class InMemory() : SignedPositionTests(Kept.InMemory);

    public sealed class InALog() : SignedPositionTests(Kept.InALog);

    public sealed class BeyondMemory() : SignedPositionTests(Kept.BeyondMemory);
}
