using System.Threading.Channels;
using Showcase;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>A pace at which nothing moves until the test lets it: what a page shows then is what was sent, and no more.</summary>
internal sealed class HeldPace() : Pace(new ConfigurationBuilder().Build())
{
    private readonly Channel<TaskCompletionSource> _waiting = Channel.CreateUnbounded<TaskCompletionSource>();

    public override Task WaitAsync(double beats, CancellationToken cancellation)
    {
        var wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.Register(() => wait.TrySetCanceled(cancellation));
        _waiting.Writer.TryWrite(wait);
        return wait.Task;
    }

    /// <summary>Lets one wait of each of so many streams or jobs go, as soon as all of them wait.</summary>
    public async Task ReleaseAsync(int waits = 1)
    {
        List<TaskCompletionSource> held = [];
        while (held.Count < waits)
        {
            var wait = await _waiting.Reader.ReadAsync();
            if (!wait.Task.IsCompleted) held.Add(wait);
        }

        held.ForEach(wait => wait.TrySetResult());
    }
}
