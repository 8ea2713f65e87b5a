namespace EventStream.Conformance.Tests.Tool;

/// <summary>Answers without an end, or that are none.</summary>
internal static class HostileServer
{
    public static async Task NeverAnswerAsync(ScriptedExchange exchange) => await exchange.LeftAsync();

    /// <summary>A head, then the same bytes over and over, each time as a chunk.</summary>
    public static async Task RepeatAsync(ScriptedExchange exchange, string chunk)
    {
        await exchange.SendAsync(ScriptedExchange.StreamHead);
        while (true) await exchange.ChunkAsync(chunk);
    }

    /// <summary>Bytes as they are, then others over and over.</summary>
    public static async Task RepeatRawAsync(ScriptedExchange exchange, string start, string repeated)
    {
        await exchange.SendAsync(start);
        while (true) await exchange.SendAsync(repeated);
    }

    /// <summary>Bytes as they are, and then nothing; the connection stays.</summary>
    public static async Task StopAsync(ScriptedExchange exchange, string start)
    {
        await exchange.SendAsync(start);
        await exchange.LeftAsync();
    }
}
