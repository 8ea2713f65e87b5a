using System.Threading.Tasks.Sources;

namespace EventStream.AspNetCore.Responses;

/// <summary>The reasons why a waiting loop continues.</summary>
[Flags]
internal enum StreamWake
{
    None = 0,

    /// <summary>The pending call may have completed, or the source may have a message.</summary>
    Source = 1,

    /// <summary>A keep-alive is due.</summary>
    KeepAlive = 2,

    /// <summary>A source that was cancelled has not returned in time.</summary>
    Deadline = 4,
}

/// <summary>The signal for which the loop of one stream waits. Any thread sets it, and a wait allocates nothing.</summary>
/// <remarks>
/// A base class of <see cref="SourceRun"/>, and not a field, because each object counts if thousands of streams are idle.
/// </remarks>
/// <param name="resumesInline">
/// Whether the loop may continue in the call that sets a reason. False if a middleware's body may block it, because one thread sets the
/// signals of many streams.
/// </param>
internal class StreamSignal(bool resumesInline = true) : IValueTaskSource<StreamWake>, IThreadPoolWorkItem
{
    private const int Waiting = 1 << 30;

    private ManualResetValueTaskSourceCore<StreamWake> _core;

    // The reasons since the last wait, and the flag Waiting. The thread that clears Waiting resumes the loop, so exactly one does.
    private int _state;

    /// <summary>Adds a reason, and resumes the loop if it waits: in this call if it may resume inline.</summary>
    public void Set(StreamWake wake) => Set(wake, resumesInline);

    /// <summary>Adds a reason, and resumes the loop if it waits.</summary>
    /// <param name="wake">The reason.</param>
    /// <param name="inline">Whether the loop continues in this call; otherwise it continues on the thread pool.</param>
    public void Set(StreamWake wake, bool inline)
    {
        if ((Interlocked.Or(ref _state, (int)wake) & Waiting) == 0 || !TakeWaiting()) return;
        if (inline) Resume();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Waits until there is a reason, and returns the reasons since the last wait.</summary>
    public ValueTask<StreamWake> WaitAsync()
    {
        _core.Reset();
        var came = Interlocked.Or(ref _state, Waiting) != 0;
        return came && TakeWaiting() ? new(TakeReasons()) : new(this, _core.Version);
    }

    void IThreadPoolWorkItem.Execute() => Resume();

    StreamWake IValueTaskSource<StreamWake>.GetResult(short token)
    {
        _core.GetResult(token);
        return TakeReasons();
    }

    ValueTaskSourceStatus IValueTaskSource<StreamWake>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<StreamWake>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Resume() => _core.SetResult(StreamWake.None);

    private bool TakeWaiting() => (Interlocked.And(ref _state, ~Waiting) & Waiting) != 0;

    private StreamWake TakeReasons() => (StreamWake)Interlocked.Exchange(ref _state, 0);
}
