using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Streams of users, by the header <c>X-User</c>.</summary>
internal static class NamedUsers
{
    /// <summary>What a stream sends that is ended before a message: keep-alives, positions, and when to come back.</summary>
    public const string NothingButTheEnd = @"\A(:\n|id: [!-~]+\n\n)*retry: \d+\n\z";

    /// <summary>A protocol whose last event says why a client may not read on.</summary>
    public static readonly EventStreamProtocol SaysWhy = new() { Unauthorized = new("signed-out", reason => reason.ToString()) };

    /// <summary>Expects the last event of a stream that <c>DisconnectAsync</c> has ended, and the end.</summary>
    public static async Task ExpectDisconnectAsync(this TestEventSource stream)
    {
        (await stream.NextAsync()).Should().Match<TestEvent>(last => last.Event == "signed-out" && last.Data == "Disconnected");
        await stream.ExpectEndAsync();
        stream.Body.Should().MatchRegex(@"(\A|\n)event: signed-out\ndata: Disconnected\n\nretry: \d+\n\z");
    }

    /// <summary>Opens a user's stream.</summary>
    public static Task<StreamReading> OpenAsAsync(this TestApp app, string user, string path) =>
        app.OpenAsync(path, change: request => request.Headers.Add("X-User", user));

    /// <summary>Opens a user's stream, and returns when it has joined, and has its position.</summary>
    public static async Task<StreamReading> JoinAsAsync(this TestApp app, string user, string path)
    {
        var stream = await app.OpenAsAsync(user, path);
        await stream.ReadPositionAsync();
        return stream;
    }

    /// <summary>Opens a user's stream that is read by its events.</summary>
    public static Task<TestEventSource> ListenAsAsync(
        this TestApp app, string? user, string path, string? lastEventId = null, string? session = null)
    {
        var options = new TestEventSourceOptions
        {
            Time = app.Time,
            Timeout = Soon.Limit,
            LastEventId = lastEventId,
        };
        if (user is not null) options.Headers["X-User"] = user;
        if (session is not null) options.Headers["X-Session"] = session;
        return app.Client.OpenEventStreamAsync(path, options);
    }

    /// <summary>The id of a stream's connection, which the app of the test sends as a header.</summary>
    public static string ConnectionId(this TestEventSource stream) => stream.Response.Headers.GetValues("X-Connection").Single();

    /// <summary>Publishes a text, and returns when an anonymous stream has received it.</summary>
    /// <remarks>By then the stream of a user would have received it, too.</remarks>
    public static async Task SayToNobodyAsync(this TestApp app, string channel, string text, TestEventSource nobody)
    {
        await app.GetChannel(channel).SayAsync(text);
        (await nobody.NextAsync()).Data.Should().Be(text);
    }
}
