using System.Globalization;
using System.Text;
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
        var path = request.RequestUri!.PathAndQuery;
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode) throw new LackException($"{path} answered {status}, and a number was expected");
        var text = await ReadAsync(response, path);
        return int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new LackException($"{path} answered '{Printable.Of(text)}', and a number was expected");
    }

    // No more than a number and the blanks around it: a server may never come to the end.
    private async Task<string> ReadAsync(HttpResponseMessage response, string path)
    {
        using var limit = new CancellationTokenSource(subject.Limits.Message);
        var start = new byte[64];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            var count = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, limit.Token);
            return Encoding.UTF8.GetString(start, 0, count);
        }
        catch (OperationCanceledException)
        {
            throw new LackException($"{path} did not come to the end of its answer within {Duration.Show(subject.Limits.Message)}");
        }
    }
}
