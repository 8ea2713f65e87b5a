using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>Ids that break a frame or a reconnect.</summary>
internal sealed class HostileIds() : Check(
    "hostile ids",
    "No id reaches the wire that forges a line, or that a client cannot send back in Last-Event-ID: CR, LF, NUL (WHATWG HTML, 9.2.6), "
    + "control characters, letters beyond ASCII, more than 128 bytes. The server may refuse it, or write it in other characters.",
    Role.EchoId)
{
    private const string Plain = "plain-1";

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        if (!await IsOnTheWireAsync(subject, Plain, line => line.Text is "id: " + Plain or "id:" + Plain))
        {
            return Outcome.Lack($"the id '{Plain}' did not come back, so nothing can be said about worse ones");
        }

        var escaped = new List<string>();
        foreach (var id in HostileId.All)
        {
            if (await IsOnTheWireAsync(subject, id.Text, id.HasEscaped)) escaped.Add(id.Name);
        }

        return escaped.Count == 0
            ? Outcome.Pass($"{HostileId.All.Count} hostile ids, and none went out as it was")
            : Outcome.Lack(string.Join("; ", escaped));
    }

    private static async Task<bool> IsOnTheWireAsync(Subject subject, string id, Func<WireLine, bool> isIt)
    {
        var role = subject.Settings.The(Role.EchoId);
        var query = $"{(role.Query.Length == 0 ? "?" : $"{role.Query}&")}id={Uri.EscapeDataString(id)}";
        await using var stream = await subject.SendAsync(new UriBuilder(role) { Query = query }.Uri);

        // A refusal may be any status, or a cut: only what is in a stream can do harm.
        if (!await IsStreamAsync(stream, subject.Limits.Message)) return false;
        var deadline = new Deadline(subject.Limits.Message);
        while (await stream.NextLineAsync(deadline) is { } line)
        {
            if (isIt(line)) return true;
            if (stream.Latest is { IsEvent: true }) return false;
        }

        return false;
    }

    private static async Task<bool> IsStreamAsync(Listener stream, TimeSpan limit)
    {
        try
        {
            return (await stream.ExpectHeadAsync(limit)).WhyNoStream is null;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
