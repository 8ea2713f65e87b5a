using System.Threading.Tasks.Sources;

namespace EventStream.AspNetCore.Responses;

/// <summary>Why a waiting loop goes on.</summary>
[Flags]
internal enum StreamWake
{
    None = 0,

    /// <summary>The call that is pending has completed, or may have, or the source may have something.</summary>
    Source = 1,

    /// <summary>The stream has been silent for long enough.</summary>
    KeepAlive = 2,

    /// <summary>A source that was told to stop has had its time.</summary>
    Deadline = 4,
}

/// <summary>What the loop of one stream waits on: set by many, awaited by that loop alone, nothing allocated a wait.</summary>
/// <remarks>
/// A base class, and not a field of <see cref="SourceRun"/>, because each object counts where thousands of streams are idle.
/// </remarks>
/// <param name="resumesInline">
/// Whether the loop may go on in the call that sets a reason. Not where a middleware's body may block it, because one thread sets the
/// signals of many.
/// </param>
internal class StreamSignal(bool resumesInline = true) : IValueTaskSource<StreamWake>, IThreadPoolWorkItem
{
    private const int Waiting = 1 << 30;

    private ManualResetValueTaskSourceCore<StreamWake> _core;

    // The reasons that came since the last wait, and whether the loop waits. Whoever takes Waiting away resumes the loop.
    private int _state;

    /// <summary>Adds a reason, and resumes the loop if it waits: in this call where the loop may go on in it.</summary>
    public void Set(StreamWake wake) => Set(wake, resumesInline);

    /// <summary>Adds a reason, and resumes the loop if it waits.</summary>
    /// <param name="wake">The reason.</param>
    /// <param name="inline">Whether the loop goes on in this call; otherwise on the thread pool.</param>
    public void Set(StreamWake wake, bool inline)
    {
        if ((Interlocked.Or(ref _state, (int)wake) & Waiting) == 0 || !TakeWaiting()) return;
        if (inline) Resume();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>The reasons since the last wait, as soon as there is one.</summary>
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
