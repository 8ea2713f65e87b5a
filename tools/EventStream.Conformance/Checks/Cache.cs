using System.Globalization;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A second client, and a third when the first's stream has ended, of an endpoint behind the app's cache.</summary>
internal sealed class Cache() : Check(
    "app's cache",
    "A cache in the app neither lets a second client wait for the end of the first one's stream, nor plays a stored stream to anybody (Age, RFC 9111, 5.1), although the app caches all else.",
    Role.Cached)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Cached);
        await using var first = await subject.OpenAsync(address);
        await first.ExpectEventAsync(subject.Limits.Message);

        await using var second = await subject.SendAsync(address);
        var isHeldUp = await second.HeadAsync(subject.Limits.Headers) is null;
        var lacks = new List<string>();
        if (isHeldUp) lacks.Add($"while the first client's stream was open, a second had not even headers after {Duration.Show(subject.Limits.Headers)}");
        if (await StoredAsync(second, subject.Limits.Message) is { } stored) lacks.Add($"the second client was played {stored}");

        if (await first.ReachEndAsync(subject.Limits.Message))
        {
            await using var third = await subject.SendAsync(address);
            if (await StoredAsync(third, subject.Limits.Message) is { } replayed) lacks.Add($"a third, after the end, was played {replayed}");
        }

        return lacks.Count == 0 ? Outcome.Pass("three clients, each with a stream of its own") : Outcome.Lack(string.Join("; ", lacks));
    }

    private static async Task<string?> StoredAsync(Listener stream, TimeSpan limit)
    {
        var age = (await stream.HeadAsync(limit))?.Header("Age");
        return int.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? $"a stored stream (Age: {seconds})" : null;
    }
}
