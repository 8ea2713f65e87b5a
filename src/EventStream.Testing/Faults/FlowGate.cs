namespace EventStream.Testing.Faults;

/// <summary>Decides how many bytes of a body may pass, by the planned fault and the test's calls.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class FlowGate(Fault fault)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cut = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _stallPosition = fault.StallPosition;
    private bool _isReading = true;

    // Used by the reader alone.
    private long _passed;
    private bool _isAfterCr;

    /// <summary>Cancelled when the connection breaks.</summary>
    public CancellationToken Broken => _cut.Token;

    /// <summary>Whether the handler reads bytes from the server.</summary>
    public bool IsReading
    {
        get
        {
            lock (_gate) return _isReading;
        }
    }

    /// <summary>Completes at the test's next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    public void Cut()
    {
        _cut.Cancel();
        Change(static () => { });
    }

    public void Stall() => Change(() => _stallPosition = 0);

    public void StopReading() => Change(() =>
    {
        _stallPosition = 0;
        _isReading = false;
    });

    public void Release() => Change(() =>
    {
        _stallPosition = null;
        _isReading = true;
    });

    /// <summary>How many of the next bytes may pass now; breaks the connection where the fault requires it.</summary>
    public int Allow(ReadOnlySpan<byte> next)
    {
        if (_cut.IsCancellationRequested) return 0;
        var most = Math.Min(next.Length, fault.ChunkSize);
        lock (_gate)
        {
            if (_stallPosition is { } stall) most = (int)Math.Clamp(stall - _passed, 0, most);
        }

        if (_passed == fault.CutPosition) return Break();
        if (fault.CutPosition is { } position) most = (int)Math.Min(most, position - _passed);
        return fault.CutsBetweenCrAndLf ? AllowUpToLf(next[..most]) : most;
    }

    /// <summary>Records that bytes have passed.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        _passed += bytes.Length;
        if (bytes.Length > 0) _isAfterCr = bytes[^1] == (byte)'\r';
    }

    private int AllowUpToLf(ReadOnlySpan<byte> next)
    {
        if (next.IsEmpty) return 0;
        if (_isAfterCr && next[0] == (byte)'\n') return Break();
        var end = next.IndexOf("\r\n"u8);
        return end < 0 ? next.Length : end + 1;
    }

    private int Break()
    {
        Cut();
        return 0;
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
