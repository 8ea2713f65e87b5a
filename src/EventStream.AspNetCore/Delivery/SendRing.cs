using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EventStream.AspNetCore.Delivery;

/// <summary>A ring of Linux's io_uring that sends to many sockets in one system call.</summary>
/// <remarks>
/// <para>
/// Only sends that do not wait (<c>MSG_DONTWAIT</c>) are submitted. The kernel runs them inside the call, one after the other, and their
/// results are there when it returns. So no memory and no socket is in use after <see cref="Submit"/>.
/// </para>
/// <para>
/// By system calls, without a native library. The layout is that of <c>linux/io_uring.h</c>, which the kernel never changes. Used by one
/// thread at a time.
/// </para>
/// </remarks>
internal sealed unsafe partial class SendRing : IDisposable
{
    /// <summary>The result of a send that the kernel did not accept. It must be sent by other means.</summary>
    public const int NotSubmitted = int.MinValue;

    // System calls have the same numbers on all architectures since io_uring was added.
    private const int Setup = 425;
    private const int Enter = 426;
    private const uint GetEvents = 1;

    // One mapping for both queues, and a kernel of 5.7 or later: a send that does not wait is from 5.6.
    private const uint NeededFeatures = 1 | (1 << 5);
    private const byte OpSend = 26;
    private const uint DontWaitNoSignal = 0x40 | 0x4000;
    private const int ReadWrite = 3;
    private const int SharedPopulate = 0x8001;
    private const long QueueOffset = 0;
    private const long EntriesOffset = 0x10000000;
    private const int Interrupted = 4;
    private const int MostInterruptions = 16;

    // EIO. The kernel has taken the send and not answered, so whether the bytes have left is not known.
    private const int Lost = -5;
    private const int WouldBlock = 11;

    private readonly int _fd;
    private readonly nint _rings;
    private readonly nuint _ringsSize;
    private readonly nint _entries;
    private readonly nuint _entriesSize;

    private readonly uint* _head;
    private readonly uint* _tail;
    private readonly uint* _slots;
    private readonly uint _mask;
    private readonly uint* _doneHead;
    private readonly uint* _doneTail;
    private readonly Completion* _done;
    private readonly uint _doneMask;
    private uint _added;

    private SendRing(int fd, in Parameters of, nint rings, nuint ringsSize, nint entries, nuint entriesSize)
    {
        (_fd, _rings, _ringsSize, _entries, _entriesSize) = (fd, rings, ringsSize, entries, entriesSize);
        var start = (byte*)rings;
        _head = (uint*)(start + of.Queue.Head);
        _tail = (uint*)(start + of.Queue.Tail);
        _mask = *(uint*)(start + of.Queue.Mask);
        _slots = (uint*)(start + of.Queue.Array);
        _doneHead = (uint*)(start + of.Done.Head);
        _doneTail = (uint*)(start + of.Done.Tail);
        _doneMask = *(uint*)(start + of.Done.Mask);
        _done = (Completion*)(start + of.Done.Entries);
    }

    /// <summary>Why the kernel has refused a call, after which nothing is submitted; null if it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes a ring.</summary>
    /// <param name="sends">How many sends it holds, a power of two.</param>
    /// <param name="error">Why there is none.</param>
    /// <returns>Null if this system has no io_uring, or does not allow it.</returns>
    public static SendRing? TryCreate(int sends, out string error)
    {
        error = "this system is not Linux on 64 bits";
        if (!OperatingSystem.IsLinux() || sizeof(nint) != 8) return null;
        Parameters of = default;
        var fd = (int)SystemCall(Setup, sends, (nint)(&of), 0, 0, 0, 0);
        if (fd < 0)
        {
            error = "the kernel or the container does not allow io_uring: " + Marshal.GetLastPInvokeErrorMessage();
            return null;
        }

        error = "the kernel's io_uring is too old";
        var ringsSize = (nuint)Math.Max(
            of.Queue.Array + of.SendEntries * sizeof(uint), of.Done.Entries + of.DoneEntries * (uint)sizeof(Completion));
        var entriesSize = (nuint)(of.SendEntries * (uint)sizeof(Submission));
        var rings = (of.Features & NeededFeatures) != NeededFeatures ? -1 : Map(0, ringsSize, ReadWrite, SharedPopulate, fd, QueueOffset);
        var entries = rings == -1 ? -1 : Map(0, entriesSize, ReadWrite, SharedPopulate, fd, EntriesOffset);
        if (entries != -1) return new(fd, of, rings, ringsSize, entries, entriesSize);
        if (rings != -1) _ = Unmap(rings, ringsSize);
        _ = Close(fd);
        return null;
    }

    /// <summary>Adds a send. The bytes are pinned, and stay as they are until <see cref="Submit"/>.</summary>
    public void Add(int socket, ReadOnlySpan<byte> bytes)
    {
        var at = (*_tail + _added) & _mask;
        ((Submission*)_entries)[at] = new()
        {
            Operation = OpSend,
            Socket = socket,
            Bytes = (ulong)(nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)),
            Length = (uint)bytes.Length,
            Flags = DontWaitNoSignal,
            Tag = _added,
        };
        _slots[at] = at;
        _added++;
    }

    /// <summary>Sends what was added, and gets the results in the order of <see cref="Add"/>.</summary>
    /// <remarks>The kernel is asked a limited number of times. After it has refused, <see cref="Failure"/> says why.</remarks>
    /// <param name="results">
    /// For each send the number of bytes, or <see cref="NotSubmitted"/>, or a negative number, which is an error of the system.
    /// </param>
    public void Submit(Span<int> results)
    {
        results = results[..(int)_added];
        _added = 0;
        results.Fill(Failure is null ? Lost : NotSubmitted);
        if (Failure is not null) return;
        Volatile.Write(ref *_tail, *_tail + (uint)results.Length);

        // The kernel takes at least one send in a call that is not interrupted.
        var calls = results.Length + MostInterruptions;
        for (var left = (uint)results.Length; left > 0;)
        {
            var waiting = *_tail - Volatile.Read(ref *_head);
            var entered = SystemCall(Enter, _fd, (nint)waiting, (nint)left, (nint)GetEvents, 0, 0);
            left -= Take(results);
            if (--calls > 0 && (entered >= 0 || Marshal.GetLastPInvokeError() == Interrupted)) continue;

            // Those that the kernel has taken have run. The others are taken back.
            Failure = "the kernel has refused a call: " + Marshal.GetLastPInvokeErrorMessage();
            var refused = *_tail - Volatile.Read(ref *_head);
            Volatile.Write(ref *_tail, *_tail - refused);
            results[^(int)refused..].Fill(NotSubmitted);
            return;
        }
    }

    /// <summary>The error of a result.</summary>
    public static SocketError ErrorOf(int result) => result switch
    {
        >= 0 => SocketError.Success,
        -WouldBlock or -Interrupted => SocketError.WouldBlock,
        _ => SocketError.ConnectionReset,
    };

    public void Dispose()
    {
        _ = Unmap(_entries, _entriesSize);
        _ = Unmap(_rings, _ringsSize);
        _ = Close(_fd);
    }

    private uint Take(Span<int> results)
    {
        var head = *_doneHead;
        var tail = Volatile.Read(ref *_doneTail);
        var count = tail - head;
        for (; head != tail; head++)
        {
            var completion = _done[head & _doneMask];
            results[(int)completion.Tag] = completion.Result;
        }

        Volatile.Write(ref *_doneHead, head);
        return count;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    // struct io_uring_sqe.
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Submission
    {
        [FieldOffset(0)]
        public byte Operation;

        [FieldOffset(4)]
        public int Socket;

        [FieldOffset(16)]
        public ulong Bytes;

        [FieldOffset(24)]
        public uint Length;

        [FieldOffset(28)]
        public uint Flags;

        [FieldOffset(32)]
        public ulong Tag;
    }

    // struct io_uring_cqe.
    [StructLayout(LayoutKind.Sequential)]
    private struct Completion
    {
        public ulong Tag;
        public int Result;
        public uint Flags;
    }

    // struct io_uring_params.
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    private struct Parameters
    {
        [FieldOffset(0)]
        public uint SendEntries;

        [FieldOffset(4)]
        public uint DoneEntries;

        [FieldOffset(20)]
        public uint Features;

        [FieldOffset(40)]
        public QueueOffsets Queue;

        [FieldOffset(80)]
        public DoneOffsets Done;
    }

    // struct io_sqring_offsets.
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    private struct QueueOffsets
    {
        [FieldOffset(0)]
        public uint Head;

        [FieldOffset(4)]
        public uint Tail;

        [FieldOffset(8)]
        public uint Mask;

        [FieldOffset(24)]
        public uint Array;
    }

    // struct io_cqring_offsets.
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    private struct DoneOffsets
    {
        [FieldOffset(0)]
        public uint Head;

        [FieldOffset(4)]
        public uint Tail;

        [FieldOffset(8)]
        public uint Mask;

        [FieldOffset(20)]
        public uint Entries;
    }
}
