using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A server that gets the signal to stop while clients read.</summary>
internal sealed class Shutdown() : Check(
    "shutdown",
    "On SIGTERM a server ends its open streams itself, cleanly and soon: they would hold the process, and so the deployment, until it is "
    + "killed.")
{
    private const int Streams = 3;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        if (subject.Process is not { } process)
        {
            return Outcome.Skip("give --start <command>, which lets the tool start the server, and end it");
        }

        if (OperatingSystem.IsWindows()) return Outcome.Skip("Windows has no SIGTERM: run it where there is one");
        var address = subject.Settings.Has(Role.Silent) ? subject.Settings.The(Role.Silent) : subject.Settings.Stream;
        var streams = await subject.OpenAsync(address, Streams);
        try
        {
            return await EndAsync(process, streams, subject.Limits);
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }

    private static async Task<Outcome> EndAsync(StartedServer process, Listener[] streams, Limits limits)
    {
        if (await HaveEndedAsync(streams))
        {
            return Outcome.Skip($"a stream had ended before SIGTERM: give {Role.Silent.Option} <url> of one that stays open");
        }

        var since = new Deadline(limits.Shutdown);
        process.Terminate();
        if (!await process.HasEndedAsync(limits.Shutdown))
        {
            return Outcome.Lack(
                $"still running {Duration.Show(limits.Shutdown)} after SIGTERM, with {Streams} open streams; it was killed");
        }

        var seen = $"it ended {Duration.Show(since.Passed)} after SIGTERM, with {Streams} open streams";
        var ends = await Task.WhenAll(streams.Select(stream => EndsCleanlyAsync(stream, limits.Message)));
        var cut = ends.Count(isClean => !isClean);
        return cut == 0 ? Outcome.Pass($"{seen}, each ended cleanly") : Outcome.Lack($"{seen}, of which {cut} did not end cleanly");
    }

    // What an endless stream has sent until now is passed over, at most for this long.
    private static async Task<bool> HaveEndedAsync(Listener[] streams)
    {
        var ends = await Task.WhenAll(streams.Select(stream => stream.ReachEndAsync(TimeSpan.FromMilliseconds(50))));
        return ends.Contains(true);
    }

    private static async Task<bool> EndsCleanlyAsync(Listener stream, TimeSpan limit)
    {
        try
        {
            return await stream.ReachEndAsync(limit) && stream.HasEndedCleanly;
        }
        catch (IOException)
        {
            // The connection ended before the headers came.
            return false;
        }
    }
}
