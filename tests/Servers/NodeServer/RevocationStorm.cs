using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Npgsql;

/// <summary>Streams whose rights are in the database, and which are revoked by every selector.</summary>
/// <remarks>
/// The data of each message is the time at which it was made, by the machine's monotonic clock, which all processes share. A request names
/// its user, its session, and the generation of each of its rights. It is refused if the database has another generation.
/// </remarks>
internal static class RevocationStorm
{
    public const int ChannelCount = 4;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestOpening = TimeSpan.FromMilliseconds(300);

    public static void AddStorm(this EventStreamBuilder builder, string database)
    {
        builder.AddChannel("storm/{n}", channel => channel.CreateOnSubscribe = true);
        builder.AddChannel("storm-here/{n}", channel => (channel.CreateOnSubscribe, channel.InMemory) = (true, true));
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 10, ApplicationName = "rights" }));
        builder.Services.AddHostedService<Publisher>();
    }

    public static void MapStorm(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/storm"), storm => storm.Use(AuthorizeAsync));
        app.MapEventStream("/storm/channels", context => new EventStreamSubscription(context.Request.Query["channel"]));
        app.MapGet("/storm/plain", () => TypedResults.EventStream(Times()));
        app.MapPost("/storm-disconnect", async (string? user, string? channel, string? connection, string? session, EventStreamHub hub) =>
        {
            (string, string)? claim = session is null ? null : ("sid", session);
            var result = await hub.DisconnectAsync(
                new EventStreamSelector { User = user, Channel = channel, ConnectionId = connection, Claim = claim });
            return new Disconnected(Stopwatch.GetTimestamp(), result.IsConfirmed);
        });
    }

    // As an app's middleware would: the request was captured before it, and the rights may be revoked at any moment after the read.
    private static async Task AuthorizeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        List<Claim> claims = [];
        if (headers["X-User"] is [{ } user]) claims.Add(new(ClaimTypes.NameIdentifier, user));
        if (headers["X-Session"] is [{ } session]) claims.Add(new("sid", session));
        if (claims.Count > 0) context.User = new(new ClaimsIdentity(claims, "header"));
        var rights = headers["X-Rights"].ToString().Split(' ').Select(right => right.Split('='))
            .ToDictionary(part => part[0], part => part[1]);
        var source = context.RequestServices.GetRequiredService<NpgsqlDataSource>();
        await using (var command = source.CreateCommand("SELECT name, generation FROM rights WHERE name = ANY($1)"))
        {
            command.Parameters.Add(new() { Value = rights.Keys.ToArray() });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                if (rights[reader.GetString(0)] == $"{reader.GetInt32(1)}") continue;
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }
        }

        context.Response.Headers["X-Connection"] = context.Connection.Id;

        // So that many a stream is revoked between the read of its rights and the moment at which a revocation can find it.
        await Task.Delay(Random.Shared.NextDouble() * LongestOpening);
        await next(context);
    }

    // It ignores its token for a moment, so that it yields once more after it was cancelled.
    private static async IAsyncEnumerable<EventStreamMessage> Times([EnumeratorCancellation] CancellationToken stop = default)
    {
        while (!stop.IsCancellationRequested)
        {
            yield return Now();
            await Task.Delay(Interval, CancellationToken.None);
        }

        yield return Now();
    }

    private static EventStreamMessage Now() => new() { Data = $"{Stopwatch.GetTimestamp()}" };

    private sealed record Disconnected(long At, bool IsConfirmed);

    private sealed class Publisher(EventStreamHub hub) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(Interval);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // First, because the log may not answer: a node that was frozen then still has these for its subscribers.
                for (var n = 0; n < ChannelCount; n++) await hub.PublishAsync($"storm-here/{n}", Now(), cancellationToken: stoppingToken);
                for (var n = 0; n < ChannelCount; n++)
                {
                    try
                    {
                        await hub.PublishAsync($"storm/{n}", Now(), cancellationToken: stoppingToken);
                    }
                    catch (EventStreamLogException)
                    {
                        // The next one comes soon.
                    }
                }
            }
        }
    }
}
