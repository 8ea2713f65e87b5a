[assembly: AssemblyFixture(typeof(EventStream.Package.Tests.NewServer))]

namespace EventStream.Package.Tests;

/// <summary>A new web app that uses the server's package.</summary>
public sealed class NewServer() : NewApp("Microsoft.NET.Sdk.Web", ["EventStream.AspNetCore"], Program)
{
    private const string Program = """
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => Results.EventStream(lastEventId => Ticks(int.Parse(lastEventId ?? "0"))));
        app.MapGet("/quotes", () => TypedResults.EventStream(Quotes()));
        app.Run();

        static async IAsyncEnumerable<EventStreamMessage> Ticks(int last)
        {
            for (var tick = last + 1; tick <= last + 3; tick++) yield return new() { Id = $"{tick}", Data = $"tick {tick}" };
            await Task.Delay(Timeout.Infinite);
        }

        static async IAsyncEnumerable<Quote> Quotes()
        {
            yield return new("OAK", 101);
            await Task.Delay(Timeout.Infinite);
        }

        internal sealed record Quote(string Symbol, int Price);
        """;
}
