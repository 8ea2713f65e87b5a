namespace EventStream.Client.Reading;

/// <summary>Leaves a body in the middle, so that its server sees it at once.</summary>
internal static class HangUp
{
    // More than this a handler does not read on for either, before it closes the connection.
    private const int MostAheadBytes = 1024 * 1024;
    private const int MostAheadReads = 256;

    /// <summary>
    /// Reads on until a read is pending, and cancels that, which closes the connection. A response that is disposed of between two reads is
    /// drained first, for up to two seconds, so that its connection can be used again.
    /// </summary>
    /// <param name="body">Its reader has left it.</param>
    /// <param name="limit">How long to wait for the cancelled read to return. A read may ignore its token.</param>
    /// <param name="time">The clock of the limit.</param>
    public static async Task OnAsync(Stream body, TimeSpan limit, TimeProvider time)
    {
        var stop = new CancellationTokenSource();
        var bytes = new byte[MostAheadBytes / MostAheadReads];
        for (var i = 0; i < MostAheadReads; i++)
        {
            var read = body.ReadAsync(bytes, stop.Token).AsTask();
            if (read.IsCompletedSuccessfully && read.Result > 0) continue;
            // On the thread pool, because a callback that the stream has registered may block.
            stop.CancelAsync().Abandon();
            read.Abandon();
            // A stream is not disposed of while it is read, unless the read never returns.
            await ((Task)read).WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
    }
}
