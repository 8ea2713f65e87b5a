namespace EventStream.Client.Reading;

/// <summary>Closes the connection of a body that was not read to its end.</summary>
internal static class HangUp
{
    // A handler drains no more than this either, before it closes the connection.
    private const int MostAheadBytes = 1024 * 1024;
    private const int MostAheadReads = 256;

    /// <summary>Reads until a read is pending, and cancels that read, which closes the connection.</summary>
    /// <remarks>
    /// If the response were disposed of between two reads, its handler would first drain it for up to 2 s. It would do so to use the
    /// connection again, and the server would learn only then that the client has left.
    /// </remarks>
    /// <param name="body">The body that the app has stopped reading.</param>
    /// <param name="limit">How long to wait for the cancelled read to return, because a read may ignore its token.</param>
    /// <param name="time">The clock of the limit.</param>
    public static async Task OnAsync(Stream body, TimeSpan limit, TimeProvider time)
    {
        var stop = new CancellationTokenSource();
        var bytes = new byte[MostAheadBytes / MostAheadReads];
        for (var i = 0; i < MostAheadReads; i++)
        {
            var read = body.ReadAsync(bytes, stop.Token).AsTask();
            if (read.IsCompletedSuccessfully && read.Result > 0) continue;
            // On the thread pool, because a callback of the stream may block.
            stop.CancelAsync().Abandon();
            read.Abandon();
            // A stream must not be disposed of during a read, unless the read does not return within the limit.
            await ((Task)read).WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
    }
}
