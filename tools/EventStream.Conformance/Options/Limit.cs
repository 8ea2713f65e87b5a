namespace EventStream.Conformance.Options;

/// <summary>An option that sets one of the <see cref="Limits"/>.</summary>
/// <param name="Option">The option.</param>
/// <param name="What">What is limited, to follow "the most time".</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">Sets it.</param>
internal sealed record Limit(string Option, string What, Func<Limits, TimeSpan> Get, Action<Limits, TimeSpan> Set)
{
    public static IReadOnlyList<Limit> All { get; } =
    [
        new("--headers", "for headers when there is no message yet", limits => limits.Headers, (limits, time) => limits.Headers = time),
        new("--message", "for a message or an end that ought to come", limits => limits.Message, (limits, time) => limits.Message = time),
        new("--keep-alive", "of silence", limits => limits.KeepAlive, (limits, time) => limits.KeepAlive = time),
        new("--stall", "until a reader that has stopped reading is cut", limits => limits.Stall, (limits, time) => limits.Stall = time),
        new("--left", "until a source ends whose client has left", limits => limits.Leave, (limits, time) => limits.Leave = time),
        new("--shutdown", "from SIGTERM to the end of the process", limits => limits.Shutdown, (limits, time) => limits.Shutdown = time),
        new("--ready", "until a server that was started listens", limits => limits.Start, (limits, time) => limits.Start = time),
    ];
}
