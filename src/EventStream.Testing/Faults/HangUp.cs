using EventStream.Testing.Reading;

namespace EventStream.Testing.Faults;

/// <summary>Closes the connection of an answer that was not read to its end.</summary>
internal static class HangUp
{
    /// <summary>How long code that ignores its token may delay the end of a connection.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    // Limited, because a body whose reads always complete at once would be read without end.
    private const int MostAheadReads = 64;

    /// <summary>Reads until a read is pending, and cancels that read, which closes the connection.</summary>
    /// <remarks>
    /// If the response were disposed of between two reads, <c>SocketsHttpHandler</c> would first drain it, by default for 2 s. The server
    /// would learn only then that the client has left.
    /// </remarks>
    /// <param name="content">
    /// The answer's content, which is no longer read. It is disposed of after <see cref="Limit"/> at most.
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
