using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Runs;

/// <summary>Appends the messages of a run, each once, also while connections to the log are lost.</summary>
/// <remarks>
/// An append may fail although the log has it, or will get it. Then this node finds out, and repeats these steps until they succeed:
/// <para>1. It claims its own run again, with a new token. From then on, the log refuses the append with the former token.</para>
/// <para>2. The claim's answer tells the newest record. If that is as before the append, the log does not have the append.</para>
/// <para>3. Otherwise this node reads what is new, and looks for the append. The other records are of other publishers.</para>
/// <para>4. If the append is not there, this node appends it with the new token.</para>
/// <para>
/// No round begins after the lease counts as over (<see cref="RunLeases.StopIfOver"/>), the run has ended, the host has drained, or
/// <see cref="Limit"/> is over. One that is under way goes on. Not thread-safe, except <see cref="Close"/>.
/// </para>
/// </remarks>
internal sealed class RunAppends
{
    /// <summary>How long a new round of the steps may begin.</summary>
    /// <remarks>As long as one append may take. The next one of a channel waits for it, also if its caller has given it up.</remarks>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private const int PageCount = 1000;
    private const int PageBytes = 1024 * 1024;

    private readonly string _channel;
    private readonly RunLease _lease;
    private readonly RunLeases _leases;
    private readonly BoundedRunLog _log;
    private readonly NodeLog _node;
    private readonly StreamHost _host;
    private readonly CancellationToken _stopping;

    private volatile bool _isClosed;

    // The log has the records of this run up to here. After it are only those of other publishers, and perhaps of an append that failed.
    private EventStreamPosition _known;

    /// <param name="run">The run, as this node has claimed it.</param>
    /// <param name="lease">This node's hold of the run.</param>
    /// <param name="leases">The leases of this node.</param>
    /// <param name="log">The log, whose calls end in bounded time.</param>
    /// <param name="node">This node's part of the log.</param>
    /// <param name="host">The app.</param>
    /// <param name="stopping">Cancelled when this node stops to use the log.</param>
    public RunAppends(
        EventStreamLogRun run,
        RunLease lease,
        RunLeases leases,
        BoundedRunLog log,
        NodeLog node,
        StreamHost host,
        CancellationToken stopping)
    {
        (_channel, _known) = (run.Channel, new(run.Epoch, run.Newest));
        (_lease, _leases, _log, _node, _host, _stopping) = (lease, leases, log, node, host, stopping);
    }

    /// <summary>Appends messages together.</summary>
    /// <returns>False: this node does not hold the run any more, and the messages are not appended.</returns>
    /// <exception cref="Exception">The messages are not appended, or may not be.</exception>
    public async Task<bool> AppendAsync(RingEntry[] entries)
    {
        try
        {
            return await TryAppendAsync(entries);
        }
        catch (EventStreamLogException exception) when (exception.IsTemporary)
        {
            return await FindOutAsync(entries, exception);
        }
    }

    /// <summary>Ends the claims when the run ends. One that is under way may still be answered.</summary>
    public void Close() => _isClosed = true;

    private async Task<bool> TryAppendAsync(RingEntry[] entries)
    {
        // Looked up for each append, because another history may have replaced the channel's.
        var backing = (LogBacking)_node.Channels.Get(_channel);
        backing.Touch();
        if (await backing.TryAppendAsync(entries, _lease.Token) is not { } last) return false;
        Appended(entries, last);
        return true;
    }

    private async Task<bool> FindOutAsync(RingEntry[] entries, EventStreamLogException first)
    {
        var began = _host.Time.GetTimestamp();
        var failure = ExceptionDispatchInfo.Capture(first);
        while (MayGoOn(began) && !_leases.StopIfOver(_lease))
        {
            try
            {
                if (await ClaimAsync() is not { } run) return false;
                var isThere = await IsThereAsync(entries, run);
                _known = new(run.Epoch, run.Newest);
                if (isThere) Appended(entries, _known);
                else if (!await TryAppendAsync(entries)) return false;
                Log.RunAppendFoundOut(_host.Logger, first, _channel, entries.Length, isThere);
                return true;
            }
            catch (EventStreamLogException exception) when (exception.IsTemporary)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }

            await Task.Delay(Pause, _host.Time, _host.Drain.Over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        failure.Throw();
        return false;
    }

    private bool MayGoOn(long began) =>
        !_isClosed && !_host.Drain.Over.IsCancellationRequested && _host.Time.GetElapsedTime(began) < Limit;

    /// <summary>Claims the run again; null if this node does not hold it any more.</summary>
    private async Task<EventStreamLogRun?> ClaimAsync()
    {
        var claim = _lease.NextClaim();
        var began = _host.Time.GetTimestamp();
        var run = await _log.TakeOverRunAsync(claim, _stopping);
        if (run?.Token != claim.Token) return null;
        _lease.Take(claim);
        _lease.RenewedAt = began;
        if (_lease.IsGivenUp) await _leases.GiveUpAsync(_lease);

        // The message about the stop may have had the former token.
        if (run.IsStopRequested) _leases.Stop(_lease, RunEndReason.Stopped);
        return run;
    }

    /// <summary>Whether the log has the messages of an append that failed.</summary>
    /// <param name="entries">The messages.</param>
    /// <param name="run">The run, since when the log refuses that append.</param>
    /// <exception cref="InvalidOperationException">It cannot be known.</exception>
    private async Task<bool> IsThereAsync(RingEntry[] entries, EventStreamLogRun run)
    {
        var search = new BatchSearch(((LogBacking)_node.Channels.Get(_channel)).RecordsOf(entries));
        if (run.Epoch != _known.Epoch || run.Newest < _known.Sequence) throw CannotKnow();
        for (var after = _known.Sequence; after < run.Newest && !search.IsFound;)
        {
            var page = await _node.ReadPageAsync(new(_channel, after, PageCount, PageBytes));
            if (page.Epoch != _known.Epoch || page.LostAfter(after) > after) throw CannotKnow();
            foreach (var record in page.Records.Where(record => record.Sequence <= run.Newest)) search.Take(record);
            after = page.Records.Count > 0 ? page.Records[^1].Sequence : run.Newest;
        }

        return search.IsFound;
    }

    private void Appended(RingEntry[] entries, EventStreamPosition last)
    {
        _known = last;
        _node.Channels.Get(_channel).Definition.Metrics.Published(entries.Length);
    }

    private InvalidOperationException CannotKnow() => new(
        $"The run of the channel '{_channel}' cannot continue. An append failed, and the log does not have the records any more that would "
        + "tell whether it arrived: the channel has another history, or its retention is shorter than the failure of the log was long.");
}
