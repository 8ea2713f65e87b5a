using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance;

/// <summary>All checks of one server, one after the other, so that none disturbs another.</summary>
internal static class Examination
{
    /// <summary>Makes all checks, and reports each at once, because some take most of a minute.</summary>
    /// <exception cref="UsageException">There is no server, or it cannot be started.</exception>
    public static async IAsyncEnumerable<Finding> RunAsync(Settings settings)
    {
        using var process = settings.Start is { } command
            ? await StartedServer.StartAsync(command, settings.Stream, settings.Limits.Start)
            : null;
        if (process is null && !await Port.AnswersAsync(settings.Stream))
        {
            throw new UsageException($"Nothing listens at {settings.Stream.Authority}. Start the server first, or give --start <command>.");
        }

        using var subject = new Subject(settings, process);
        foreach (var check in Checks(settings)) yield return await check.ExamineAsync(subject);
    }

    /// <summary>The checks, in their order.</summary>
    public static IReadOnlyList<Check> Checks(Settings settings) =>
    [
        new Status(), new HeadersAtOnce(), new NotStored(), new NotHeldBack(), new Framing(), new KeepAlive(),
        new Resume(), new Gap(), new Evicted(), new CleanEnd(), new EndForGood(), new FaultIsNoEnd(),
        new Head(), new Post(), new Compression(), new Cache(), new Broadcast(),
        new HostileIds(), new CommentLine(), new IdOnly(),
        .. settings.Has(Role.Leave) ? settings.All(Role.Leave).Select(address => new Leave(address)) : [new Leave(null)],
        new Stall(),

        // The last, for there is no server after it.
        new Shutdown(),
    ];
}
