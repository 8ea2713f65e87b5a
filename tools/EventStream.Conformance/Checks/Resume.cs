using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>What a client receives that resumes.</summary>
internal sealed class Resume() : Check(
    "resume",
    "A request with Last-Event-ID gets what followed that message, first and without a hole (WHATWG HTML, 9.2.4).",
    Role.Numbered)
{
    private const int Following = 3;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Numbered);
        string[] before;
        await using (var stream = await subject.OpenAsync(address)) before = await IdsAsync(stream, 1 + Following, subject.Limits.Message);
        var (last, after) = (before[0], before.Skip(1).ToArray());

        await using var resumed = await subject.OpenAsync(address, last);
        var followed = await IdsAsync(resumed, Following, subject.Limits.Message);
        var asked = Printable.Of(last);
        if (followed.SequenceEqual(after)) return Outcome.Pass($"after {asked} came {Show(followed)}, as before");
        return Outcome.Lack(followed[0] == last
            ? $"after {asked} it began with {asked} again, where {Show(after)} had followed: the position was not read"
            : $"after {asked} came {Show(followed)}, where {Show(after)} had followed");
    }

    private static async Task<string[]> IdsAsync(Listener stream, int count, TimeSpan limit) =>
        [.. (await stream.ExpectNumberedAsync(count, limit)).Select(message => message.Id!)];

    private static string Show(IEnumerable<string> ids) => string.Join(", ", ids.Select(Printable.Of));
}
