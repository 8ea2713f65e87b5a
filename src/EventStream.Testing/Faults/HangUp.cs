using EventStream.Testing.Reading;

namespace EventStream.Testing.Faults;

/// <summary>Leaves an answer in the middle, so that its server sees it at once.</summary>
internal static class HangUp
{
    /// <summary>How long code that ignores its token may hold up the end of a connection.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    // A body whose reads never wait has no end that could be waited for.
    private const int MostAheadReads = 64;

    /// <summary>
    /// Reads on until a read is pending, and cancels that, which closes the connection. A response that is disposed of between two reads is
    /// drained first: for 2 s by
    /// <c>SocketsHttpHandler</c>'s default.
    /// </summary>
    /// <param name="content">
    /// The answer's content, which nobody reads any more. It is disposed of, after <see cref="Limit"/> at most.
    /// </param>
    /// <param name="time">The clock of the limit.</param>
    public static async Task OnAsync(HttpContent content, TimeProvider time)
    {
        await Foreign.LetGoAsync(ReadAheadAsync(content), Limit, time).ConfigureAwait(false);
        content.Dispose();
    }

    private static async Task ReadAheadAsync(HttpContent content)
    {
        var rest = new byte[16 * 1024];
        var body = await content.ReadAsStreamAsync().ConfigureAwait(false);
        for (var i = 0; i < MostAheadReads; i++)
        {
            using var pending = new CancellationTokenSource();
            var reading = body.ReadAsync(rest, pending.Token).AsTask();
            pending.Cancel();
            if (await reading.ConfigureAwait(false) == 0) return;
        }
    }
}
