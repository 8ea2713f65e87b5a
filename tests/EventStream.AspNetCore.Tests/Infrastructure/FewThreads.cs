namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Tests that run alone, because they take the threads from all others.</summary>
[CollectionDefinition(nameof(FewThreads), DisableParallelization = true)]
public sealed class FewThreads : ICollectionFixture<FewThreads>, IDisposable
{
    private readonly ManualResetEventSlim _isOver = new();
    private readonly (int Workers, int Ports) _least;
    private readonly (int Workers, int Ports) _most;

    public FewThreads()
    {
        ThreadPool.GetMinThreads(out _least.Workers, out _least.Ports);
        ThreadPool.GetMaxThreads(out _most.Workers, out _most.Ports);
        // The pool takes no number below that of the processors.
        var few = Math.Max(4, Environment.ProcessorCount);
        ThreadPool.SetMinThreads(Math.Min(_least.Workers, few), Math.Min(_least.Ports, few)).Should().BeTrue();
        ThreadPool.SetMaxThreads(few, few).Should().BeTrue();
        new Thread(Rescue) { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _isOver.Set();
        ThreadPool.SetMaxThreads(_most.Workers, _most.Ports);
        ThreadPool.SetMinThreads(_least.Workers, _least.Ports);
    }

    // Where no thread is ever free, no test ends, not even by its timeout.
    private void Rescue()
    {
        while (IsAThreadFree())
        {
            if (_isOver.Wait(Soon.Limit / 10)) return;
        }

        ThreadPool.SetMaxThreads(_most.Workers, _most.Ports);
        ThreadPool.SetMinThreads(Math.Min(_most.Workers, 5000), _least.Ports);
    }

    private static bool IsAThreadFree()
    {
        var isFree = new ManualResetEventSlim();
        ThreadPool.UnsafeQueueUserWorkItem(_ => isFree.Set(), null);
        return isFree.Wait(Soon.Limit);
    }
}
