using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Responses;

/// <summary>The end of a stream: closes or abandons its source, and writes the last bytes. Used by its loop, once.</summary>
internal readonly struct StreamEnding(
    HttpContext context, StreamHost host, EventStreamOptions options, SourceRun source, StreamOutput output, StreamStop stop)
{
    /// <summary>
    /// A reset of an HTTP/2 or HTTP/3 stream overtakes what the server has queued for it and what the client has not read yet.
    /// </summary>
    private static readonly TimeSpan ResetDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>An abort discards what the transport has not sent yet.</summary>
    private static readonly TimeSpan AbortDelay = TimeSpan.FromMilliseconds(100);

    private EventStreamProtocol Protocol => source.Cursor.Protocol;

    /// <summary>Ends the stream, which the loop has left.</summary>
    /// <param name="fault">What the source threw; null if it did not, or was told to stop before.</param>
    /// <param name="action">What <see cref="EventStreamOptions.OnError"/> has answered already; null if it was not asked.</param>
    /// <param name="requestedId">The id that the client had when it came.</param>
    /// <remarks>Throws what the source threw, where the response must be cut by the server.</remarks>
    public async ValueTask RunAsync(Exception? fault, EventStreamErrorAction? action, string? requestedId)
    {
        if (await source.CloseAsync() is { } thrown) Log.SourceThrewWhileStopping(host.Logger, thrown, context.EndpointName, stop.Reason);
        stop.SourceClosed(host.Clock.Now);
        var lastId = source.Cursor.LastId ?? requestedId;
        if (stop.Reason == EndReason.Finished && source.Cursor.IsFinal)
        {
            fault = WriteEnd(source.Cursor.ChannelName, lastId);
            if (fault is not null) stop.TurnIntoFault();
        }

        if (fault is not null && context.Response.HasStarted)
        {
            if (await FaultAsync(fault, action, lastId)) return;
        }

        if (fault is not null) ExceptionDispatchInfo.Throw(fault);
        await FarewellAsync(stop.Reason);
        if (source.IsAbandoned) await LeaveSourceAsync();
        else if (output.IsBroken) Cut();
    }

    /// <summary>Writes what tells a client that the stream is finished: the protocol's event, or the mark alone, or nothing.</summary>
    /// <returns>What the protocol's function threw; then nothing was written.</returns>
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

    /// <summary>The end of a stream without a fault: sends what is written.</summary>
    /// <remarks>With a retry for clients that reconnect all at once, and nothing for a client that is gone.</remarks>
    private async ValueTask FarewellAsync(EndReason reason)
    {
        host.Faults.Recovered(context.GetEndpoint());
        if (reason == EndReason.ReaderStalled) Log.ReaderStalled(host.Logger, context.EndpointName, options.WriteTimeout!.Value);
        if (reason == EndReason.ReaderStalled || output.IsBroken) return;
        if (Protocol.LoneLines && reason is EndReason.HostStopped or EndReason.Disconnected or EndReason.AuthenticationExpired)
        {
            RetryLine.Write(output.Buffer, Jitter.Lengthen(options.DrainRetry));
        }

        await output.FlushAsync();
    }

    /// <summary>Ends the request of a source that still runs, so that it delays neither the client nor the host.</summary>
    private async ValueTask LeaveSourceAsync()
    {
        Log.SourceAbandoned(host.Logger, context.EndpointName, options.SourceStopTimeout);
        if (!context.RequestAborted.IsCancellationRequested)
        {
            if (await output.CompleteAsync()) await Task.Delay(AbortDelay, host.Time);
        }

        // The source may watch RequestAborted, if not the token that it was given.
        context.Abort();
    }

    /// <summary>Aborts a response whose last frame may not be whole, so that no client takes it for a clean end.</summary>
    private void Cut()
    {
        if (!context.RequestAborted.IsCancellationRequested) context.Abort();
    }

    /// <summary>
    /// The end of a stream by a fault: a retry that grows with each fault in a row, and the last message of
    /// <see cref="EventStreamOptions.OnError"/> if it has one.
    /// </summary>
    /// <returns>Whether that is the end; otherwise the response must be cut, by throwing the fault to the server.</returns>
    private async ValueTask<bool> FaultAsync(Exception fault, EventStreamErrorAction? action, string? lastId)
    {
        action ??= options.ActionOn(new(context, fault, CanSkip: false, lastId), host.Logger);
        var wait = host.Faults.Failed(context.GetEndpoint(), fault, options.Retry ?? options.DrainRetry);
        if (output.IsBroken) return false;
        var endsWithMessage = action.LastMessage is { } last && Writes(last);
        if (Protocol.LoneLines) RetryLine.Write(output.Buffer, wait);
        if (await output.FlushAsync() && endsWithMessage)
        {
            Log.SourceFailedWithLastMessage(host.Logger, fault, context.EndpointName);
            return true;
        }

        Log.SourceFailed(host.Logger, context.EndpointName, wait);
        if (IsHttp1(context.Request.Protocol)) return false;
        var delay = Task.Delay(ResetDelay, host.Time, context.RequestAborted);
        await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
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
