using System.Text.Json.Serialization;
using EventStream.Client;

namespace EventStream.AspNetCore.Tests.Api;

public sealed record Price(string Symbol, decimal Value);

[JsonSerializable(typeof(Price))]
public sealed partial class PriceJson : JsonSerializerContext;

/// <summary>What the snippets about the client have in reach. It is compiled against, and never run.</summary>
public static class GivenToClients
{
    public static readonly HttpClient http = null!;

    public static readonly CancellationToken cancellationToken;

    public static Task HandleAsync(EventStreamClientEvent message) => null!;

    public static Task<string> FreshTokenAsync(CancellationToken cancellationToken) => null!;

    public static Task ReloadAsync() => null!;

    public static void Show(Price price)
    {
    }
}
