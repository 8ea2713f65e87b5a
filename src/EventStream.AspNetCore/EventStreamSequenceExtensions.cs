using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace EventStream.AspNetCore;

/// <summary>What a sequence of messages does when it fails or is stopped, for runs and for other sources.</summary>
public static class EventStreamSequenceExtensions
{
    /// <summary>Yields a last message when a sequence throws, or is stopped.</summary>
    /// <remarks>
    /// <para>
    /// An iterator cannot <c>yield</c> in a <c>catch</c>. A producer of a run writes <c>Answer(stop).WithLastMessage(e => e is
    /// OperationCanceledException ? Aborted : Failed)</c>.
    /// </para>
    /// <para>
    /// After the last message of a failure, it throws an <see cref="EventStreamReportedException"/> around the exception. So a run fails
    /// and is logged once, the streams of its readers end cleanly, and the next call of <c>hub.Run</c> starts it anew. A cancellation by
    /// the sequence's own token is no failure, and the sequence ends. A run that is stopped publishes the last message if its producer
    /// yields it within a second. A client that has left does not get it. An <see cref="EventStreamReportedException"/> of the sequence is
    /// rethrown without a last message, because the readers have one.
    /// </para>
    /// </remarks>
    /// <param name="messages">The messages.</param>
    /// <param name="lastMessage">
    /// Returns the last message for an exception; null for none, and the exception is rethrown. Do not put the exception's text in it. What
    /// it throws replaces the exception.
    /// </param>
    /// <param name="cancellationToken">
    /// The token that stops the sequence: for a run, the producer's. A token of <c>WithCancellation</c> counts as well.
    /// </param>
    public static IAsyncEnumerable<EventStreamMessage> WithLastMessage(
        this IAsyncEnumerable<EventStreamMessage> messages,
        Func<Exception, EventStreamMessage?> lastMessage,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(lastMessage);
        return WithLast(messages, lastMessage, cancellationToken);
    }

    private static async IAsyncEnumerable<EventStreamMessage> WithLast(
        IAsyncEnumerable<EventStreamMessage> messages,
        Func<Exception, EventStreamMessage?> lastMessage,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var enumerator = messages.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var (hasNext, failure) = await MoveAsync(enumerator);
            if (failure is not null)
            {
                var exception = failure.SourceException;
                var last = exception is EventStreamReportedException ? null : lastMessage(exception);
                if (last is { } message) yield return message;
                if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested) yield break;
                if (last is null) failure.Throw();
                throw new EventStreamReportedException($"The source failed, and told its readers so: {exception.Message}", exception);
            }

            if (!hasNext) yield break;
            yield return enumerator.Current;
        }
    }

    private static async ValueTask<(bool HasNext, ExceptionDispatchInfo? Failure)> MoveAsync(
        IAsyncEnumerator<EventStreamMessage> enumerator)
    {
        try
        {
            return (await enumerator.MoveNextAsync(), null);
        }
        catch (Exception exception)
        {
            return (false, ExceptionDispatchInfo.Capture(exception));
        }
    }
}
