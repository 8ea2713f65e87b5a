using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>Appends the messages of a run in their order, one append at a time.</summary>
/// <remarks>
/// The producer goes on during an append, and the messages that it yields meanwhile form the next one. If
/// <see cref="MostMessages"/> or <see cref="MostBytes"/> wait, the producer waits, too. After an append that failed nothing more is
/// appended, so that the channel never lacks a message before a later one.
/// </remarks>
/// <param name="append">Appends messages together. False: the token does not hold the run.</param>
internal sealed class RunBatches(Func<RingEntry[], Task<bool>> append)
{
    public const int MostMessages = 256;
    public const long MostBytes = 1024 * 1024;

    private readonly TaskCompletionSource<RunEndReason> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // All under _gate.
    private readonly List<RingEntry> _waiting = [];
    private long _bytes;
    private Task _appending = Task.CompletedTask;
    private bool _isAppending;
    private bool _isClosed;
    private TaskCompletionSource? _space;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Completes when an append has failed, or the token does not hold the run.</summary>
    public Task<RunEndReason> Broken => _broken.Task;

    /// <summary>Adds messages, unless this is closed.</summary>
    /// <returns>Completes when the producer may continue.</returns>
    public ValueTask AddAsync(RingEntry[] entries)
    {
        lock (_gate)
        {
            if (_isClosed) return default;
            _waiting.AddRange(entries);
            foreach (var entry in entries) _bytes += entry.Size;
            if (!_isAppending)
            {
                _isAppending = true;
                _appending = Task.Run(AppendAllAsync);
            }

            if (_waiting.Count < MostMessages && _bytes < MostBytes) return default;
            _space ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_space.Task);
        }
    }

    /// <summary>Waits until the messages that were added are appended, and rethrows the exception of an append.</summary>
    public async Task FlushAsync()
    {
        Task appending;
        lock (_gate) appending = _appending;
        await appending;
        lock (_gate) _failure?.Throw();
    }

    /// <summary>Drops the messages that wait, and those that are added later.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Clear();
        }
    }

    private async Task AppendAllAsync()
    {
        try
        {
            while (Take() is { Length: > 0 } batch)
            {
                if (await append(batch)) continue;
                Break(RunEndReason.Lost, failure: null);
                return;
            }
        }
        catch (Exception exception)
        {
            Break(RunEndReason.NotAppended, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private RingEntry[] Take()
    {
        lock (_gate)
        {
            RingEntry[] batch = [.. _waiting];
            _isAppending = batch.Length > 0;
            Clear();
            return batch;
        }
    }

    private void Break(RunEndReason end, ExceptionDispatchInfo? failure)
    {
        lock (_gate)
        {
            _failure = failure;
            _isClosed = true;
            Clear();
        }

        _broken.TrySetResult(end);
    }

    // Under _gate.
    private void Clear()
    {
        _waiting.Clear();
        _bytes = 0;
        _space?.SetResult();
        _space = null;
    }
}
