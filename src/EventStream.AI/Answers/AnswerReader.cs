namespace EventStream.AI.Answers;

/// <summary>Reads the updates of one answer into an encoder, up to the answer's end, whatever that is.</summary>
/// <remarks>An iterator cannot yield inside of a <c>catch</c>, so this is not a part of <see cref="AnswerSequence"/>.</remarks>
internal sealed class AnswerReader(
    IAsyncEnumerable<ChatResponseUpdate> updates, AnswerEncoder encoder, AnswerStreamOptions options, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;

    /// <summary>Why the answer failed; null if it did not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Adds the next update, or the answer's end, to the encoder's output.</summary>
    /// <returns>Whether more may follow.</returns>
    public async ValueTask<bool> ReadAsync()
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _updates ??= updates.GetAsyncEnumerator(cancellationToken);
            if (await _updates.MoveNextAsync())
            {
                encoder.Add(_updates.Current);
                return true;
            }

            await DisposeAsync();

            // A source may end its sequence when its token is cancelled, instead of throwing. Then the model gave no reason for the end.
            if (cancellationToken.IsCancellationRequested && encoder.FinishReason is null) encoder.Stop();
            else encoder.Finish();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            encoder.Stop();
        }
        catch (Exception exception)
        {
            Failure = exception;
            encoder.Fail(options.TextOf(exception));
        }

        return false;
    }

    public ValueTask DisposeAsync()
    {
        var open = _updates;
        _updates = null;
        return open?.DisposeAsync() ?? default;
    }
}
