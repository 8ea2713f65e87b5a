using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Runs;

/// <summary>The runs on channels of the log, on this node and the others.</summary>
/// <remarks>
/// <para>1. A call of <c>hub.Run</c> claims the run in the log. The log decides which of all claims holds it.</para>
/// <para>2. The node that holds it calls its producer, and <see cref="RunLeases"/> renews its lease. The others join.</para>
/// <para>3. A run whose owner has died is taken over (<see cref="RunStandbys"/>), or ended by any node (<see cref="WatchAsync"/>).</para>
/// <para>4. After an append that failed, the owner finds out whether it has arrived, and the run goes on (<see cref="RunAppends"/>).</para>
/// <para>
/// 5. A stop is stored in the log. A message to the other nodes makes the owner stop at once; the owner's next renewal finds it as well.
/// </para>
/// <para>
/// 6. When the host begins to stop, the owner hands runs with takeover over: it gives their leases up, and tells the other nodes.
/// </para>
/// </remarks>
internal sealed class LogRuns
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2.5);

    /// <summary>How long a run waits for another node to take it over, after its lease.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long the host's stop waits for the log to store the ends of the runs.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly BoundedRunLog _log;
    private readonly NodeLog _node;
    private readonly StreamHost _host;
    private readonly NodeRuns _running;
    private readonly IServiceScopeFactory _scopes;
    private readonly CancellationToken _stopping;
    private readonly RunLeases _leases;
    private readonly RunStandbys _standbys;
    private readonly RunCalls _calls;
    private readonly RunEnds _ends;
    private CancellationTokenRegistration _handingOver;

    /// <param name="log">The log, whose calls end in bounded time.</param>
    /// <param name="node">This node's part of the log.</param>
    /// <param name="running">The runs whose producers are called on this node.</param>
    /// <param name="host">The app.</param>
    /// <param name="scopes">Makes the scopes of the producers' services.</param>
    /// <param name="stopping">Cancelled when this node stops to use the log.</param>
    public LogRuns(
        BoundedRunLog log,
        NodeLog node,
        NodeRuns running,
        StreamHost host,
        IServiceScopeFactory scopes,
        CancellationToken stopping)
    {
        (_log, _node, _running, _host, _scopes, _stopping) = (log, node, running, host, scopes, stopping);
        _calls = new(node, host, stopping);
        _leases = new(log, _calls, host, stopping);
        _standbys = new(log, TakeOverAsync);
        _ends = new(log, _leases, _standbys, node, host, stopping);
    }

    public void Start()
    {
        _leases.Start();
        _handingOver = _host.Stopping.UnsafeRegister(static runs => ((LogRuns)runs!).HandOver(), this);
        AppTask.Run(WatchAsync);
    }

    /// <summary>Waits until the runs of this node have ended in the log.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _handingOver.DisposeAsync();
        await _running.AreOverAsync().WaitAsync(StopLimit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leases.Stop();
    }

    /// <summary>Starts a run, or joins the one that is there.</summary>
    /// <param name="request">The run.</param>
    /// <param name="mayRestart">Whether a run that is over may begin anew, if its options say so.</param>
    /// <param name="cancellationToken">Cancels the wait. The run may start.</param>
    public async Task<EventStreamRun> StartAsync(RunRequest request, bool mayRestart, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var starting = StartAsync(request, mayRestart);
        await ((Task)starting).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!starting.IsCompleted)
        {
            starting.Abandon();
            cancellationToken.ThrowIfCancellationRequested();
        }

        var (run, isNew) = await starting;
        await CatchUpAsync(run, cancellationToken);
        return RunOf(run, isNew);
    }

    /// <summary>Requests that a run stops; null if the channel has none.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="epoch">The epoch of the run; null: that of any.</param>
    /// <param name="cancellationToken">Cancels the wait for the log.</param>
    public async Task<EventStreamRun?> StopAsync(string channel, string? epoch, CancellationToken cancellationToken)
    {
        var found = await _log.RequestStopAsync(channel, epoch, cancellationToken);
        if (found is not { } run || run.Epoch != (epoch ?? run.Epoch)) return null;
        if (run is { State: EventStreamRunState.Running, Token: { } token })
        {
            if (_leases.Find(token) is { } own) own.Stop(RunEndReason.Stopped);
            else _ = _calls.TellAsync(NodeMessage.StopRun, token);
        }

        return RunOf(run);
    }

    /// <summary>Gets the run of a channel; null if it has none.</summary>
    public async Task<EventStreamRun?> GetAsync(string channel, CancellationToken cancellationToken) =>
        await _log.ReadRunsAsync([channel], cancellationToken) is [var run, ..] ? RunOf(run) : null;

    /// <summary>Lists the runs of all nodes that are running, on channels that this app has added.</summary>
    public async Task<IEnumerable<EventStreamRun>> ListAsync(CancellationToken cancellationToken) =>
        from run in await _log.ReadRunsAsync(null, cancellationToken)
        where _node.Channels.DefinitionOf(run.Channel) is { IsDurable: true }
        select RunOf(run);

    /// <summary>Handles that another node has requested a stop of a run.</summary>
    public void StopRequested(string token) => _leases.Find(token)?.Stop(RunEndReason.Stopped);

    /// <summary>Handles that another node has given a run up.</summary>
    public void GivenUp(string channel) => AppTask.Run(() => _calls.TryAsync(() => _standbys.TakeOverAsync(channel)));

    private async Task<(EventStreamLogRun Run, bool IsNew)> StartAsync(RunRequest request, bool mayRestart)
    {
        var options = request.Options;
        var claim = ClaimOf(request) with { Restarts = options.Restart && mayRestart };
        var (run, began) = await ClaimAsync(() => _log.ClaimRunAsync(claim, _stopping));
        var isNew = IsHeldBy(claim, run);
        if (isNew) Begin(request, run, claim, began);
        if (!isNew && options.TakeOver && run.State == EventStreamRunState.Running) _standbys.Add(request);
        return (run, isNew);
    }

    private async Task<bool> TakeOverAsync(RunRequest request)
    {
        if (_host.Stopping.IsCancellationRequested) return false;
        var claim = ClaimOf(request);
        var (run, began) = await ClaimAsync(() => _log.TakeOverRunAsync(claim, _stopping));
        if (!IsHeldBy(claim, run)) return run?.State == EventStreamRunState.Running;
        Log.RunTakenOver(_host.Logger, request.Channel, run.Newest);
        Begin(request, run, claim, began);
        return false;
    }

    private static bool IsHeldBy(EventStreamRunClaim claim, [NotNullWhen(true)] EventStreamLogRun? run) =>
        run is { State: EventStreamRunState.Running } && run.Token == claim.Token;

    private EventStreamRunClaim ClaimOf(RunRequest request) => new()
    {
        Channel = request.Channel,
        Token = RunLease.NewToken(),
        Node = _node.Presence.Name,
        Lease = RunLeases.Lease,
        TakesOver = request.Options.TakeOver,
    };

    /// <summary>Makes a claim, and repeats it once if its outcome is unknown.</summary>
    /// <remarks>The log may have the claim. Without a producer, the run would hold the channel until its lease is over.</remarks>
    /// <returns>The run, and when the call began that has returned it.</returns>
    private async Task<(T Run, long Began)> ClaimAsync<T>(Func<ValueTask<T>> claim)
    {
        var began = _host.Time.GetTimestamp();
        try
        {
            return (await claim(), began);
        }
        catch (EventStreamLogException exception) when (exception.IsOutcomeUnknown)
        {
            began = _host.Time.GetTimestamp();
            return (await claim(), began);
        }
    }

    /// <summary>Starts the producer of a run that this node holds.</summary>
    private void Begin(RunRequest request, EventStreamLogRun run, EventStreamRunClaim claim, long began)
    {
        RunLease lease = new(claim, began);
        RunAppends appends = new(run, lease, _leases, _log, _node, _host, _stopping);
        LogRunOutput output = new(appends, outcome => _ends.EndAsync(request, lease, outcome));
        OwnedRun owned = new(ChannelOf(request.Channel), request.Producer, request.Options, output, _scopes)
        {
            Messages = run.Newest,
            Last = run.Newest > 0 ? new(run.Epoch, run.Newest) : null,

            // Also if the host's drain is over before this node has handed its runs over.
            AtHostStop = request.Options.TakeOver ? RunEndReason.HandedOver : RunEndReason.HostStopped,
        };
        _leases.Add(lease, owned);
        _running.Begin(owned);
        if (_host.Stopping.IsCancellationRequested) HandOver();
    }

    private void HandOver()
    {
        _standbys.Clear();
        foreach (var run in _leases.All.Where(run => run.Options.TakeOver)) run.Stop(RunEndReason.HandedOver);
    }

    /// <summary>Makes this node know the run's epoch, so that a subscriber that joins now does not join an earlier history.</summary>
    private async Task CatchUpAsync(EventStreamLogRun run, CancellationToken cancellationToken)
    {
        if (_node.Channels.Find(run.Channel) is not LogBacking { History: { } history } backing) return;
        if (history.Epoch != run.Epoch || !history.IsOfRun) await backing.CatchUpAsync(cancellationToken);
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(Jitter.Lengthen(Interval), _host.Time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return;
            await _calls.TryAsync(() => _standbys.CheckAsync(_stopping));
            await _calls.TryAsync(EndAbandonedAsync);
        }
    }

    private async Task EndAbandonedAsync()
    {
        foreach (var run in await _log.EndAbandonedRunsAsync(Patience, _stopping))
        {
            Log.RunAbandoned(_host.Logger, run.Channel, run.Node ?? "", run.State);
        }
    }

    private EventStreamRun RunOf(EventStreamLogRun run, bool isNew = false) =>
        new(ChannelOf(run.Channel), token => StopAsync(run.Channel, run.Epoch, token))
        {
            State = run.State,
            Since = run.Since,
            Node = run.Node ?? "",
            IsNew = isNew,
        };

    // Without an entry in the registry, because a caller may ask for thousands of runs and read none.
    private EventStreamChannel ChannelOf(string name) =>
        _node.Channels.Find(name)?.Channel ?? new(_node.Channels, name, _node.Channels.CheckedDefinitionOf(name));
}
