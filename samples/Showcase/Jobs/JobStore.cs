using System.Diagnostics.CodeAnalysis;

namespace Showcase.Jobs;

/// <summary>
/// The jobs of this process: at most <see cref="Capacity"/>, and a new one takes the place of the oldest that is complete.
/// </summary>
internal sealed class JobStore(Pace pace, IHostApplicationLifetime lifetime)
{
    public const int Capacity = 100;

    private readonly Lock _gate = new();

    // Owned by the gate; the oldest comes first.
    private readonly List<Job> _jobs = [];

    /// <summary>Starts a job, unless as many as there is room for are running.</summary>
    public bool TryStart([NotNullWhen(true)] out Job? job)
    {
        lock (_gate)
        {
            if (_jobs.Count == Capacity && !ForgetOne())
            {
                job = null;
                return false;
            }

            _jobs.Add(job = new Job(Guid.NewGuid().ToString("N")[..12]));
        }

        _ = job.RunAsync(pace, lifetime.ApplicationStopping);
        return true;
    }

    public Job? Find(string id)
    {
        lock (_gate) return _jobs.Find(job => job.Id == id);
    }

    private bool ForgetOne() => _jobs.Find(job => job.IsComplete) is { } oldest && _jobs.Remove(oldest);
}
