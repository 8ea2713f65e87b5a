using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A server that is told to stop while clients listen.</summary>
internal sealed class Shutdown() : Check(
    "shutdown",
    "On SIGTERM a server ends its open streams itself, cleanly and soon: they would hold the process, and so the deployment, until it is killed.")
{
    private const int Streams = 3;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        if (subject.Process is not { } process) return Outcome.Skip("give --start <command>, which lets the tool start the server, and end it");
        if (OperatingSystem.IsWindows()) return Outcome.Skip("Windows has no SIGTERM: run it where there is one");
        var address = subject.Settings.Has(Role.Silent) ? subject.Settings.The(Role.Silent) : subject.Settings.Stream;
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => subject.SendAsync(address)));
        try
        {
            // Where headers wait for a message they do not come; the requests have arrived by then all the same.
            _ = await Task.WhenAll(streams.Select(stream => stream.HeadAsync(subject.Limits.Headers)));
            return await EndAsync(process, streams, subject.Limits);
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }

    private static async Task<Outcome> EndAsync(StartedServer process, Listener[] streams, Limits limits)
    {
        var since = new Deadline(limits.Shutdown);
        process.Terminate();
        if (!await process.HasEndedAsync(limits.Shutdown)) return Outcome.Lack($"still running {Duration.Show(limits.Shutdown)} after SIGTERM, with {Streams} open streams; it was killed");
        var seen = $"it ended {Duration.Show(since.Passed)} after SIGTERM, with {Streams} open streams";
        var ends = await Task.WhenAll(streams.Select(async stream => await stream.ReachEndAsync(limits.Message) && stream.HasEndedCleanly));
        var cut = ends.Count(isClean => !isClean);
        return cut == 0 ? Outcome.Pass($"{seen}, each ended cleanly") : Outcome.Lack($"{seen}, of which {cut} did not end cleanly");
    }
}
