namespace EventStream.AspNetCore.Channels;

/// <summary>Where a subscriber begins: decided from what it sent and what can be had, and from nothing else.</summary>
/// <remarks>
/// A resume is exact because nothing but a position of this history counts as one. Everything else is a gap that names its reason, or is
/// nothing, and then the subscriber is here for the first time.
/// </remarks>
internal static class ResumePolicy
{
    /// <summary>Decides where a subscriber begins.</summary>
    /// <param name="resume">What its position says about the channel; see <see cref="Positions.Find"/>.</param>
    /// <param name="start">Where it begins without a position.</param>
    /// <param name="window">What can be had.</param>
    public static ResumePoint Decide(Resume resume, EventStreamStart start, in ResumeWindow window)
    {
        // Also a position: one that was never published here.
        if (resume.Sequence > window.Newest) return new(window.BeforeOldest, EventStreamGapReason.Future, Has: null);
        if (resume.IsPosition)
        {
            return resume.Sequence >= window.BeforeOldest
                ? new(resume.Sequence, Gap: null, Has: null)
                : new(window.BeforeOldest, EventStreamGapReason.Evicted, Has: resume.Sequence);
        }

        if (resume.GapReason is { } reason) return new(window.BeforeOldest, reason, Has: null);

        // A subscriber that reads a run from its beginning has lost what was evicted, although it never had a position.
        return window.IsOfRun && start == EventStreamStart.Oldest && window.BeforeOldest > 0
            ? new(window.BeforeOldest, EventStreamGapReason.Evicted, Has: 0)
            : new(window.BeforeLast, Gap: null, Has: null);
    }
}
