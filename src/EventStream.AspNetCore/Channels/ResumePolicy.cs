namespace EventStream.AspNetCore.Channels;

/// <summary>Decides where a subscriber begins, only from its position and the messages that can be read.</summary>
/// <remarks>
/// A resume is exact, because only a position of this history counts. Any other position is a gap with its reason. Without a position, it
/// is the subscriber's first visit.
/// </remarks>
internal static class ResumePolicy
{
    /// <summary>Decides where a subscriber begins.</summary>
    /// <param name="resume">The subscriber's position; see <see cref="Positions.Find"/>.</param>
    /// <param name="start">Where it begins without a position.</param>
    /// <param name="window">The messages that can be read.</param>
    public static ResumePoint Decide(Resume resume, EventStreamStart start, in ResumeWindow window)
    {
        // First, because such a position is of this history, and was never published.
        if (resume.Sequence > window.Newest) return new(window.BeforeOldest, EventStreamGapReason.Future, Has: null);
        if (resume.IsPosition)
        {
            return resume.Sequence >= window.BeforeOldest
                ? new(resume.Sequence, Gap: null, Has: null)
                : new(window.BeforeOldest, EventStreamGapReason.Evicted, Has: resume.Sequence);
        }

        if (resume.GapReason is { } reason) return new(window.BeforeOldest, reason, Has: null);

        // A subscriber reads a run from its beginning, so evicted messages are a gap even without a position.
        return window.IsOfRun && start == EventStreamStart.Oldest && window.BeforeOldest > 0
            ? new(window.BeforeOldest, EventStreamGapReason.Evicted, Has: 0)
            : new(window.BeforeLast, Gap: null, Has: null);
    }
}
