using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Checks;

/// <summary>A client that leaves while there is no message for it.</summary>
internal sealed class Leave(Uri? address) : Check(
    address is null ? "leave" : $"leave {address.PathAndQuery}",
    "When a client leaves, the source of its stream ends soon, also while it has nothing to send: otherwise each one that left holds "
    + "memory, and what it waits for, without end.",
    Role.Leave,
    Role.Sources)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var sources = new SourceCount(subject);
        var before = await sources.SettledAsync();
        await using (await subject.SendAsync(address!))
        {
            if (await sources.WaitAsync(count => count > before, subject.Limits.Message) is null)
            {
                return Outcome.Lack(
                    $"{subject.Settings.The(Role.Sources).PathAndQuery} stayed at {before} when a client came, so nothing can be said of "
                    + "when it left");
            }
        }

        return await sources.WaitAsync(count => count <= before, subject.Limits.Leave) is { } time
            ? Outcome.Pass($"the source had ended {Duration.Show(time)} after the client left")
            : Outcome.Lack($"the source still ran {Duration.Show(subject.Limits.Leave)} after the client left");
    }
}
