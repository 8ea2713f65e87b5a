using System.Threading.Channels;
using EventStream.Testing.Faults;

namespace EventStream.Testing.Reading;

/// <summary>One answer, and the loop that reads its body to the end.</summary>
internal sealed class Connection(HttpResponseMessage response, ReferenceParser parser, Transcript transcript, FakeTime? time, CancellationToken stop) : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private Task _reading = Task.CompletedTask;

    public HttpResponseMessage Response { get; } = response;

    public ReferenceParser Parser { get; } = parser;

    /// <summary>Reads on, and tells all that comes, the end last.</summary>
    /// <returns>A task that ends with the reading.</returns>
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
        time?.Stir();
    });

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await HangUp.OnAsync(Response.Content).ConfigureAwait(false);
        Response.Dispose();
    }

    private async Task ReadToEndAsync(ChannelWriter<StreamItem> items)
    {
        var buffer = new byte[16 * 1024];
        var body = await Response.Content.ReadAsStreamAsync(_leaving.Token).ConfigureAwait(false);
        var told = 0;
        while (await body.ReadAsync(buffer, _leaving.Token).ConfigureAwait(false) is > 0 and var count)
        {
            transcript.Received(buffer.AsSpan(0, count));
            Parser.Read(buffer.AsSpan(0, count));
            while (told < Parser.Items.Count) items.TryWrite(Parser.Items[told++]);
            time?.Stir();
        }
    }
}
