using System.Net.Sockets;

namespace EventStream.AspNetCore.Delivery;

/// <summary>Sends of many connections that leave in one system call.</summary>
/// <remarks>
/// <para>
/// A thread that is about to flush many streams opens a scope. Within it, a small flush only copies its bytes into the thread's batch.
/// They are sent when the scope ends, or the batch is full, or anyone writes to one of its connections again. Then each connection gets
/// the result of its own send.
/// </para>
/// <para>
/// The kernel reads the bytes only during the call, because no send waits for its socket. So they are in one array of the batch. The batch
/// holds the handles of the sockets during the call, so that no number of them is given to another socket. It does not hold them before:
/// closing a socket waits for all who hold it, and the thread of the scope itself may close one.
/// </para>
/// </remarks>
internal sealed class SendBatch : IDisposable
{
    /// <summary>The most sends of one call. More gain nothing, and the first ones would wait longer.</summary>
    public const int MostSends = 128;

    private const int MostBytes = 64 * 1024;
    private const int LargestSend = 4 * 1024;

    [ThreadStatic]
    private static int _open;

    [ThreadStatic]
    private static SendBatch? _current;

    private readonly SendBatches _owner;
    private readonly SendRing _ring;
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MostBytes, pinned: true);
    private readonly Entry[] _entries = new Entry[MostSends];
    private readonly Lock _gate = new();

    // Under _gate.
    private int _count;
    private int _used;

    public SendBatch(SendBatches owner, SendRing ring) => (_owner, _ring) = (owner, ring);

    /// <inheritdoc cref="SendRing.Failure"/>
    public string? Failure => _ring.Failure;

    /// <summary>Lets the flushes of this thread leave together.</summary>
    public static void OpenScope() => _open++;

    /// <summary>Sends what was flushed since the scope was opened.</summary>
    public static void CloseScope()
    {
        if (--_open > 0 || _current is not { } batch) return;
        _current = null;
        batch.Submit();
        batch._owner.Return(batch);
    }

    /// <summary>Adds bytes to the batch of this thread's scope.</summary>
    /// <returns>False if there is no scope or no batch, or the bytes are too many: the caller sends them itself.</returns>
    public static bool TryAdd(DirectOutput output, ReadOnlySpan<byte> bytes)
    {
        if (_open == 0 || bytes.Length > LargestSend) return false;
        var batch = _current ??= output.Batches!.Rent();
        if (batch is null || batch._owner != output.Batches) return false;
        batch.Add(output, bytes);
        return true;
    }

    /// <summary>Sends what is in the batch. Any thread may call it.</summary>
    public void Submit()
    {
        List<(DirectOutput Output, Exception Failure)>? failed;
        lock (_gate) failed = SubmitAll();
        Break(failed);
    }

    public void Dispose() => _ring.Dispose();

    private void Add(DirectOutput output, ReadOnlySpan<byte> bytes)
    {
        List<(DirectOutput Output, Exception Failure)>? failed = null;
        lock (_gate)
        {
            if (_count == MostSends || _bytes.Length - _used < bytes.Length) failed = SubmitAll();
            bytes.CopyTo(_bytes.AsSpan(_used));
            _entries[_count++] = new(output, _used, bytes.Length);
            _used += bytes.Length;
            output.EnterBatch(this);
        }

        Break(failed);
    }

    // Not under _gate, because an abort may run any code, such as one that waits for another connection of the batch.
    private static void Break(List<(DirectOutput Output, Exception Failure)>? failed)
    {
        if (failed is null) return;
        foreach (var (output, failure) in failed) output.Break(failure);
    }

    // Under _gate. Returns what failed; null if nothing did.
    private List<(DirectOutput Output, Exception Failure)>? SubmitAll()
    {
        if (_count == 0) return null;
        Span<int> results = stackalloc int[MostSends];
        for (var i = 0; i < _count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.TryHold()) _ring.Add((int)entry.Handle.DangerousGetHandle(), _bytes.AsSpan(entry.Start, entry.Length));
        }

        _ring.Submit(results);

        // All are released before any result is used, because an error closes its socket.
        var next = 0;
        for (var i = 0; i < _count; i++) _entries[i].Result = _entries[i].Release() ? results[next++] : SendRing.NotSubmitted;
        List<(DirectOutput Output, Exception Failure)>? failed = null;
        for (var i = 0; i < _count; i++)
        {
            ref var entry = ref _entries[i];
            var failure = Use(entry);
            if (failure is not null) (failed ??= []).Add((entry.Output, failure));
            entry.Output.LeaveBatch(hasFailed: failure is not null);
            entry = default;
        }

        _owner.Sent(_count);
        _count = _used = 0;
        return failed;
    }

    /// <summary>Uses the result of a send. Returns null, or why its connection must break.</summary>
    private Exception? Use(in Entry entry)
    {
        var bytes = _bytes.AsSpan(entry.Start, entry.Length);
        try
        {
            return entry.Result == SendRing.NotSubmitted
                ? entry.Output.SendNow(bytes)
                : entry.Output.HasSent(bytes, Math.Max(entry.Result, 0), SendRing.ErrorOf(entry.Result));
        }
        catch (Exception exception)
        {
            // The other connections of the batch must get their results.
            return exception;
        }
    }

    private struct Entry(DirectOutput output, int start, int length)
    {
        private bool _isHeld;

        public readonly DirectOutput Output => output;

        public readonly int Start => start;

        public readonly int Length => length;

        public readonly SafeSocketHandle Handle => output.Socket.SafeHandle;

        public int Result { readonly get; set; }

        /// <summary>Holds the socket's handle; false if it is closed.</summary>
        public bool TryHold()
        {
            try
            {
                Handle.DangerousAddRef(ref _isHeld);
            }
            catch (ObjectDisposedException)
            {
                _isHeld = false;
            }

            return _isHeld;
        }

        /// <summary>Lets go of the handle; false if it was not held.</summary>
        public readonly bool Release()
        {
            if (_isHeld) Handle.DangerousRelease();
            return _isHeld;
        }
    }
}
