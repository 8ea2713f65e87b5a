using System.Globalization;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A second client, and a third when the first's stream has ended, of an endpoint behind the app's cache.</summary>
internal sealed class Cache() : Check(
    "app's cache",
    "A cache in the app neither lets a second client wait for the end of the first one's stream, nor sends a stored stream to another "
    + "client (Age, RFC 9111, 5.1), although the app caches all else.",
    Role.Cached)
{
    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var request = subject.Request(subject.Settings.The(Role.Cached));
        await using var first = await subject.OpenAsync(request);
        await first.ExpectEventAsync(subject.Limits.Message);

        await using var second = await Listener.OpenAsync(request);
        var lacks = new List<string>();
        if (await second.HeadAsync(subject.Limits.Headers) is null)
        {
            var limit = Duration.Show(subject.Limits.Headers);
            lacks.Add($"while the first client's stream was open, a second had not even headers after {limit}");
        }

        if (await StoredAsync(second, request, subject.Limits.Message) is { } stored) lacks.Add($"the second client received {stored}");

        var hasEnded = await first.ReachEndAsync(subject.Limits.Message);
        if (hasEnded)
        {
            await using var third = await Listener.OpenAsync(request);
            var replayed = await StoredAsync(third, request, subject.Limits.Message);
            if (replayed is not null) lacks.Add($"a third, after the end, received {replayed}");
        }

        if (lacks.Count > 0) return Outcome.Lack(string.Join("; ", lacks));
        return hasEnded
            ? Outcome.Pass("three clients, each with a stream of its own")
            : Outcome.Skip(
                $"the stream did not end within {Duration.Show(subject.Limits.Message)}: give {Role.Cached.Option} <url> of one that ends "
                + "after a second or two");
    }

    private static async Task<string?> StoredAsync(Listener stream, Request request, TimeSpan limit)
    {
        var head = await stream.HeadAsync(limit);
        request.ExpectStream(head);
        return int.TryParse(head?.Header("Age"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? $"a stored stream (Age: {seconds})"
            : null;
    }
}
