using System.Threading.Channels;

namespace EventStream.Testing.Reading;

/// <summary>One answer, and the loop that reads its body to the end.</summary>
internal sealed class Connection(
    HttpResponseMessage response,
    ReferenceParser parser,
    Transcript transcript,
    TestEventSourceOptions options,
    CancellationToken stop) : IAsyncDisposable
{
    /// <summary>How many reads may follow one another before the loop yields its thread.</summary>
    /// <remarks>Reads that complete at once would otherwise occupy the thread without end.</remarks>
    private const int ReadsBetweenYields = 64;

    private readonly AnswerBody _body = new(response, options.Time ?? TimeProvider.System);
    private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private Task _reading = Task.CompletedTask;

    public HttpResponseMessage Response { get; } = response;

    public ReferenceParser Parser { get; } = parser;

    /// <summary>Reads the body, and reports everything that arrives, the end last.</summary>
    /// <returns>A task that completes when the reading ends.</returns>
    public Task ReadAsync(ChannelWriter<StreamItem> items) => _reading = Task.Run(async () =>
    {
        Exception? fault = null;
        try
        {
            await ReadToEndAsync(items).ConfigureAwait(false);
        }
        catch (Exception) when (_leaving.IsCancellationRequested)
        {
            transcript.Sent("left");
            return;
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        transcript.Answered(fault is null ? "the end" : $"cut: {Failure.Describe(fault)}");
        items.TryWrite(new StreamItem.End(fault, Parser.IsInsideEvent));
        options.Time?.Stir();
    });

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _body.LeaveAsync(options.Timeout).ConfigureAwait(false);
    }

    private async Task ReadToEndAsync(ChannelWriter<StreamItem> items)
    {
        var told = 0;
        var reads = 0;
        while (await _body.ReadAsync(_leaving.Token).ConfigureAwait(false) is { IsEmpty: false } bytes)
        {
            // Checked here too, because a read that completes at once does not see the cancellation.
            _leaving.Token.ThrowIfCancellationRequested();
            transcript.Received(bytes.Span);
            Parser.Read(bytes.Span);
            while (told < Parser.Items.Count) items.TryWrite(Parser.Items[told++]);
            options.Time?.Stir();
            if (++reads % ReadsBetweenYields == 0) await Task.Yield();
        }
    }
}
