using System.Globalization;
using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>How many sources run on the server, as its endpoint of <see cref="Role.Sources"/> says.</summary>
internal sealed class SourceCount(Subject subject)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The count once it has stopped moving, so that what another check left behind is not taken for this one's.</summary>
    public async Task<int> SettledAsync()
    {
        var deadline = new Deadline(subject.Limits.Message);
        var last = await ReadAsync();
        var same = 0;
        while (same < 4 && deadline.Left > TimeSpan.Zero)
        {
            await Task.Delay(Pause);
            var next = await ReadAsync();
            same = next == last ? same + 1 : 0;
            last = next;
        }

        return last;
    }

    /// <summary>Waits for a count; null if it has not come within the limit, otherwise how long it took.</summary>
    public async Task<TimeSpan?> WaitAsync(Func<int, bool> isThere, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (!isThere(await ReadAsync()))
        {
            if (deadline.Left == TimeSpan.Zero) return null;
            await Task.Delay(Pause);
        }

        return deadline.Passed;
    }

    private async Task<int> ReadAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, subject.Settings.The(Role.Sources));
        using var response = await subject.AskAsync(request);
        var text = await response.Content.ReadAsStringAsync().WaitAsync(subject.Limits.Message);
        return int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new LackException($"{request.RequestUri!.PathAndQuery} answered '{Printable.Of(text)}', and a number was expected");
    }
}
