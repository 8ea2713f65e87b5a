namespace EventStream.Testing.Faults;

/// <summary>Leaves an answer in the middle, so that its server sees it at once.</summary>
internal static class HangUp
{
    /// <summary>
    /// Reads on until a read is pending, and cancels that, which closes the connection. A response that is disposed of between two reads is drained first: for 2 s by
    /// <c>SocketsHttpHandler</c>'s default.
    /// </summary>
    /// <param name="content">The answer's content, which nobody reads any more. It is disposed of.</param>
    public static async Task OnAsync(HttpContent content)
    {
        try
        {
            var rest = new byte[16 * 1024];
            var body = await content.ReadAsStreamAsync().ConfigureAwait(false);
            Task<int> reading;
            do
            {
                using var pending = new CancellationTokenSource();
                reading = body.ReadAsync(rest, pending.Token).AsTask();
                pending.Cancel();
            }
            while (await reading.ConfigureAwait(false) > 0);
        }
        catch (Exception)
        {
            // Closed, now or before.
        }

        content.Dispose();
    }
}
