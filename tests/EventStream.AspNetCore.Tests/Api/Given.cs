using System.Net.ServerSentEvents;
using System.Text.Json.Serialization;

namespace EventStream.AspNetCore.Tests.Api;

public sealed record Quote(string Symbol, decimal Price);

public sealed record Job(string Name);

[JsonSerializable(typeof(Quote))]
public sealed partial class QuoteJson : JsonSerializerContext;

/// <summary>The component of a Razor fragment, which a test project compiles.</summary>
public sealed class PriceRow : Microsoft.AspNetCore.Components.ComponentBase;

public sealed class Board
{
    public Task<(object State, EventStreamPosition Position)> ReadAsync(CancellationToken cancellationToken) => null!;
}

/// <summary>What the snippets have in reach. It is compiled against, and never run.</summary>
public static class Given
{
    public static readonly WebApplication app = null!;

    public static readonly WebApplicationBuilder builder = null!;

    public static readonly Board board = null!;

    public static readonly Job job = null!;

    public static readonly bool found;

    public static readonly string connectionString = "";

    public static readonly string order = "";

    public static readonly string userId = "";

    public static readonly CancellationToken stop;

    public static readonly EventStreamHub hub = null!;

    public static readonly IEventStreamPublisher streams = null!;

    public static readonly Npgsql.NpgsqlConnection connection = null!;

    public static Task ShipAsync(string order, Npgsql.NpgsqlTransaction transaction) => null!;

    public static IAsyncEnumerable<EventStreamMessage> Ticks() => null!;

    public static IAsyncEnumerable<EventStreamMessage> Ten() => null!;

    public static IAsyncEnumerable<EventStreamMessage> Progress(Job job) => null!;

    public static IAsyncEnumerable<EventStreamMessage> Feed(string? lastEventId) => null!;

    public static IAsyncEnumerable<EventStreamMessage> FeedWithToken(string? lastEventId, CancellationToken cancellationToken = default) =>
        null!;

    public static IAsyncEnumerable<SseItem<Quote>> SseItems() => null!;

    public static IAsyncEnumerable<SseItem<Quote>> SseItems(string? lastEventId) => null!;

    public static IAsyncEnumerable<Quote> Quotes() => null!;

    public static IEnumerable<EventStreamMessage> Messages() => null!;

    public static readonly Npgsql.NpgsqlTransaction transaction = null!;

    public static IAsyncEnumerable<Quote> QuotesFrom(string? lastEventId) => null!;

    public static IAsyncEnumerable<string> Tokens(string id, CancellationToken cancellationToken) => null!;

    public static IAsyncEnumerable<string> Lines() => null!;
}
