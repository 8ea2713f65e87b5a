using System.Buffers;
using System.Collections.Concurrent;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Connections;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>The memory of a server's connections, which counts the blocks in use.</summary>
internal sealed class CountedPools : IMemoryPoolFactory<byte>
{
    private int _inUse;
    private int _rented;

    /// <summary>How many blocks were ever rented, so that a test sees that this memory is used.</summary>
    public int Rented => Volatile.Read(ref _rented);

    public void AddTo(IServiceCollection services) => services.AddSingleton<IMemoryPoolFactory<byte>>(this);

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool(this);

    /// <summary>Fails unless each block is returned soon.</summary>
    public async Task ShouldBeWholeAsync()
    {
        Rented.Should().BePositive();
        await Soon.Until(() => Volatile.Read(ref _inUse) == 0, "each block is returned");
    }

    private sealed class Pool(CountedPools pools) : MemoryPool<byte>
    {
        private readonly ConcurrentBag<byte[]> _free = [];

        public override int MaxBufferSize => 4096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
            Interlocked.Increment(ref pools._inUse);
            Interlocked.Increment(ref pools._rented);
            return new Block(this, _free.TryTake(out var bytes) ? bytes : new byte[MaxBufferSize]);
        }

        protected override void Dispose(bool disposing)
        {
        }

        /// <summary>A block, which is overwritten when it is returned, so that a late reader sends wrong bytes.</summary>
        private sealed class Block(Pool pool, byte[] bytes) : IMemoryOwner<byte>
        {
            private byte[]? _bytes = bytes;

            public Memory<byte> Memory => _bytes ?? throw new ObjectDisposedException(nameof(Block));

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _bytes, null) is not { } bytes) return;
                bytes.AsSpan().Fill(0xCC);
                Interlocked.Decrement(ref pool.Owner._inUse);
                pool._free.Add(bytes);
            }
        }

        private CountedPools Owner => pools;
    }
}
