using System.Text.Json.Serialization;
using EventStream.Client;

namespace EventStream.AspNetCore.Tests.Api;

public sealed record Price(string Symbol, decimal Value);

[JsonSerializable(typeof(Price))]
public sealed partial class PriceJson : JsonSerializerContext;

/// <summary>What the snippets about the client have in reach. It is compiled against, and never run.</summary>
public static class GivenToClients
{
    /// <summary>What a console app with the client's package has by its implicit usings, and these.</summary>
    public const string Usings = """
        using System.IO;
        using System.Net.Http;
        using System.Text;
        using EventStream.Client;
        using static EventStream.AspNetCore.Tests.Api.GivenToClients;

        """;

    public static readonly HttpClient http = null!;

    public static readonly CancellationToken cancellationToken;

    public static Task HandleAsync(EventStreamClientEvent message) => null!;

    public static Task<string> FreshTokenAsync(CancellationToken cancellationToken) => null!;

    public static Task ReloadAsync() => null!;

    public static void Show(Price price)
    {
    }
}
