using System.Runtime.CompilerServices;

namespace Showcase.Jobs;

/// <summary>The printing of a small book, which continues with and without a reader.</summary>
/// <remarks>Any number of pages may watch, each from its own position.</remarks>
internal sealed class Job(string id)
{
    private readonly Lock _gate = new();

    // Owned by the gate: the steps so far, and the task of the next one.
    private readonly List<JobStep> _steps = [];
    private TaskCompletionSource _next = NewSignal();

    public string Id { get; } = id;

    public int StepCount => 24;

    public bool IsComplete
    {
        get { lock (_gate) return _steps.Count == StepCount; }
    }

    public async Task RunAsync(Pace pace, CancellationToken cancellation)
    {
        for (var number = 1; number <= StepCount; number++)
        {
            await pace.WaitAsync(beats: 0.5, cancellation);
            Add(new(number, StepCount, $"Page {number} is printed"));
        }
    }

    /// <summary>The steps after a position, those to come included.</summary>
    public async IAsyncEnumerable<JobStep> StepsAfter(
        uint position,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var seen = position; seen < StepCount;)
        {
            if (StepAfter(seen, out var next) is { } step)
            {
                yield return step;
                seen++;
            }
            else
            {
                await next.WaitAsync(cancellation);
            }
        }
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private JobStep? StepAfter(uint position, out Task next)
    {
        lock (_gate)
        {
            next = _next.Task;
            return position < _steps.Count ? _steps[(int)position] : null;
        }
    }

    private void Add(JobStep step)
    {
        lock (_gate)
        {
            _steps.Add(step);
            _next.SetResult();
            _next = NewSignal();
        }
    }
}
