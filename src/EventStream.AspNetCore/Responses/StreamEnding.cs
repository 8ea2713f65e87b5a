using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Responses;

/// <summary>The end of a stream: closes or abandons its source, and writes the last bytes. Used by its loop, once.</summary>
internal readonly struct StreamEnding(
    HttpContext context, StreamHost host, EventStreamOptions options, SourceRun source, StreamOutput output, StreamStop stop)
{
    /// <summary>The time between the last bytes and a cut that does not wait for them.</summary>
    /// <remarks>
    /// Without it, a reset over HTTP/2 or HTTP/3 overtakes bytes that the server has queued, or that the client has not read. An abort over
    /// HTTP/1.1 discards bytes that the transport has not sent yet.
    /// </remarks>
    private static readonly TimeSpan CutDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>The time between the last bytes of an abandoned source and the abort.</summary>
    private static readonly TimeSpan AbortDelay = TimeSpan.FromMilliseconds(100);

    private EventStreamProtocol Protocol => source.Cursor.Protocol;

    /// <summary>Ends the stream, after its loop has ended.</summary>
    /// <param name="fault">The source's exception; null if it threw none, or was cancelled before.</param>
    /// <param name="action">The action of <see cref="EventStreamOptions.OnError"/>; null if it was not called yet.</param>
    /// <param name="requestedId">The id of the client's request.</param>
    /// <remarks>Rethrows the source's exception if the server must log it and cut the response.</remarks>
    public async ValueTask RunAsync(Exception? fault, EventStreamErrorAction? action, string? requestedId)
    {
        if (await source.CloseAsync() is { } thrown) Log.SourceThrewWhileStopping(host.Logger, thrown, context.EndpointName, stop.Reason);
        stop.SourceClosed(host.Clock.Now);
        var lastId = source.Cursor.LastId ?? requestedId;
        if (stop.Reason == EndReason.Finished && source.Cursor.IsFinal)
        {
            fault = WriteEnd(source.Cursor.ChannelName, lastId);
        }
        else if (UnauthorizedReason(stop.Reason) is { } reason)
        {
            fault = WriteUnauthorized(reason);
        }

        if (fault is not null && stop.Reason != EndReason.Faulted) stop.TurnIntoFault();
        if (fault is not null && context.Response.HasStarted)
        {
            if (await FaultAsync(fault, action, lastId)) return;
        }

        if (fault is not null) ExceptionDispatchInfo.Throw(fault);
        await SendEndAsync(stop.Reason);
        if (source.IsAbandoned) await AbandonSourceAsync();
        else if (output.IsBroken) Cut();
    }

    /// <summary>Writes the end of a finished stream: the protocol's event, or the end mark alone, or nothing.</summary>
    /// <returns>The exception of the protocol's function, after which nothing was written; null if it threw none.</returns>
    private Exception? WriteEnd(string? channel, string? lastId)
    {
        if (output.IsBroken) return null;
        var mark = EndMark.After(lastId);
        try
        {
            if (Protocol.End is { } end) FrameEncoder.WriteWithId(output.Buffer, mark, end.MessageFor(new(channel, lastId)), host.Json);
            else if (Protocol.IdOnlyFrames) FrameEncoder.WriteWithId(output.Buffer, mark, default, host.Json);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Writes the protocol's event that says why the client may not read on.</summary>
    /// <returns>As <see cref="WriteEnd"/>.</returns>
    private Exception? WriteUnauthorized(EventStreamUnauthorizedReason reason)
    {
        if (output.IsBroken || Protocol.Unauthorized is not { } unauthorized) return null;
        try
        {
            // Without an id, so that the client resumes after the last message that it got.
            FrameEncoder.Write(output.Buffer, unauthorized.MessageFor(reason), host.Json);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Gets why the client may not read on; null for an end after which it may.</summary>
    private static EventStreamUnauthorizedReason? UnauthorizedReason(EndReason reason) => reason switch
    {
        EndReason.AuthenticationExpired => EventStreamUnauthorizedReason.Expired,
        EndReason.AuthorizationRefused => EventStreamUnauthorizedReason.Refused,
        EndReason.Disconnected => EventStreamUnauthorizedReason.Disconnected,
        _ => null,
    };

    /// <summary>Sends the last bytes of a stream without a fault.</summary>
    /// <remarks>
    /// If many clients reconnect at once, each gets its own retry. Nothing is sent to a client that has left or has stopped reading.
    /// </remarks>
    private async ValueTask SendEndAsync(EndReason reason)
    {
        host.Faults.Recovered(context.GetEndpoint());
        if (reason == EndReason.ReaderStalled) Log.ReaderStalled(host.Logger, context.EndpointName, options.WriteTimeout!.Value);
        if (reason == EndReason.ReaderStalled || output.IsBroken) return;
        var manyMayEnd = reason is EndReason.HostStopped or EndReason.RevocationMissed or EndReason.HistoryReplaced;
        if (Protocol.LoneLines && (manyMayEnd || UnauthorizedReason(reason) is not null))
        {
            RetryLine.Write(output.Buffer, Jitter.Lengthen(options.DrainRetry));
        }

        await output.FlushAsync();
    }

    /// <summary>Ends the request of a source that still runs, so that it delays neither the client nor the host.</summary>
    private async ValueTask AbandonSourceAsync()
    {
        Log.SourceAbandoned(host.Logger, context.EndpointName, options.SourceStopTimeout);
        if (!context.RequestAborted.IsCancellationRequested)
        {
            if (await output.CompleteAsync()) await Task.Delay(AbortDelay, host.Time);
        }

        // A source that ignores its token may still react to RequestAborted.
        context.Abort();
    }

    /// <summary>Aborts a response that is not whole, so that no client mistakes it for a clean end.</summary>
    private void Cut()
    {
        if (!context.RequestAborted.IsCancellationRequested) context.Abort();
    }

    /// <summary>Sends the last bytes of a stream with a fault.</summary>
    /// <remarks>
    /// They are the last message of <see cref="EventStreamOptions.OnError"/>, if there is one, and a retry that grows with each further
    /// fault. The stream of a failed run is cut here, because the run was logged, and the server would log it again for each reader.
    /// </remarks>
    /// <returns>Whether nothing is left to do. Otherwise the caller must throw the fault, so that the server cuts the response.</returns>
    private async ValueTask<bool> FaultAsync(Exception fault, EventStreamErrorAction? action, string? lastId)
    {
        // A source that has told its clients needs no further last message, unless the app decides otherwise.
        var isReported = fault is EventStreamReportedException && options.OnError is null;
        action ??= options.ActionOn(new(context, fault, CanSkip: false, lastId), host.Logger);

        // A plain source may have the exception of a run, and the server has not logged that the source failed.
        var isLogged = source.Cursor.ChannelName is not null && host.Faults.IsLogged(fault);
        var wait = host.Faults.Failed(context.GetEndpoint(), fault, options.Retry ?? options.DrainRetry);
        if (!output.IsBroken)
        {
            var endsWithMessage = action.LastMessage is { } last ? Writes(last) : isReported;
            if (Protocol.LoneLines) RetryLine.Write(output.Buffer, wait);
            if (await output.FlushAsync() && endsWithMessage)
            {
                if (isLogged) Log.RunFailedWithLastMessage(host.Logger, context.EndpointName);
                else Log.SourceFailedWithLastMessage(host.Logger, fault, context.EndpointName);
                return true;
            }

            if (isLogged) Log.StreamOfFailedRunAborted(host.Logger, context.EndpointName, wait);
            else Log.SourceFailed(host.Logger, context.EndpointName, wait);
            if (isLogged || !IsHttp1(context.Request.Protocol))
            {
                var delay = Task.Delay(CutDelay, host.Time, context.RequestAborted);
                await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        if (isLogged) Cut();
        return isLogged;
    }

    private bool Writes(in EventStreamMessage last)
    {
        try
        {
            FrameEncoder.Write(output.Buffer, last, host.Json);
            return true;
        }
        catch (Exception exception)
        {
            Log.OnErrorThrew(host.Logger, exception, context.EndpointName);
            return false;
        }
    }

    private static bool IsHttp1(string protocol) => HttpProtocol.IsHttp11(protocol) || HttpProtocol.IsHttp10(protocol);
}
