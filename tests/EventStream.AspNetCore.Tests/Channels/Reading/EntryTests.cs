using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventStream.AspNetCore.Tests.Channels.Reading;

/// <summary>What can be read of an entry.</summary>
public sealed partial class EntryTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("", "")]
    [InlineData("one line", "one line")]
    [InlineData("grüß\r\nGott\rü\n", "grüß\nGott\nü\n")]
    [InlineData("\n\n", "\n\n")]
    [InlineData("data: data: x", "data: data: x")]
    public async Task Data_OfAMessageWithAllFields_IsWhatAClientGets(string published, string expected)
    {
        var entry = await EntryOfAsync(
            new() { Event = "e", Comment = "data: no\ndata: no", Data = published, Retry = TimeSpan.FromSeconds(1) });

        (entry.HasData, entry.Data, Encoding.UTF8.GetString(entry.DataUtf8.Span)).Should().Be((true, expected, expected));
    }

    [Fact(Timeout = 30_000)]
    public async Task Data_WithoutAny_EmptyAndNoJson()
    {
        var entry = await EntryOfAsync(new() { Event = "e", Comment = "c" });

        (entry.HasData, entry.Data, entry.DataUtf8.Length).Should().Be((false, "", 0));
        FluentActions.Invoking(() => entry.ReadFromJson<int>()).Should().Throw<InvalidOperationException>().WithMessage("*HasData*");
    }

    [Fact(Timeout = 30_000)]
    public async Task DataUtf8_OneLine_IsNotCopied()
    {
        var one = await EntryOfAsync(new() { Data = "one line" });
        var two = await EntryOfAsync(new() { Data = "two\nlines" });

        ArrayOf(one).Should().BeSameAs(ArrayOf(one));
        ArrayOf(two).Should().NotBeSameAs(ArrayOf(two));
    }

    [Fact(Timeout = 30_000)]
    public async Task ReadFromJson_ByTheAppsOptionsAndByAContract()
    {
        var entry = await EntryOfAsync(EventStreamMessage.Json(new Quote("MSFT", 1.5m)));

        entry.ReadFromJson<Quote>().Should().Be(new Quote("MSFT", 1.5m));
        entry.ReadFromJson(Contracts.Default.Quote).Should().Be(new Quote("MSFT", 1.5m));
        FluentActions.Invoking(() => entry.ReadFromJson<int>()).Should().Throw<JsonException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task PublishedAt_LaterReads_SayTheSame()
    {
        using var hub = new LoneHub();
        var at = hub.Time.GetUtcNow();
        await hub.GetChannel("a").PublishAsync("one");
        hub.Time.Advance(TimeSpan.FromMinutes(1));

        (await hub.GetChannel("a").GetRetainedAsync())[0].PublishedAt.Should().Be(at);
    }

    private static byte[] ArrayOf(EventStreamEntry entry)
    {
        MemoryMarshal.TryGetArray(entry.DataUtf8, out var segment).Should().BeTrue();
        return segment.Array!;
    }

    private static async Task<EventStreamEntry> EntryOfAsync(EventStreamMessage message)
    {
        using var hub = new LoneHub();
        await hub.GetChannel("a").PublishAsync(message);
        return (await hub.GetChannel("a").GetRetainedAsync()).Single();
    }

    internal sealed record Quote(string Symbol, decimal Price);

    [JsonSerializable(typeof(Quote))]
    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    internal sealed partial class Contracts : JsonSerializerContext;
}
