using System.Runtime.ExceptionServices;

namespace EventStream.AspNetCore.Runs;

/// <summary>How a run has ended on this node.</summary>
/// <param name="End">Why its producer yields nothing more.</param>
/// <param name="State">The run's last state.</param>
/// <param name="Failure">The exception of its producer, or of its appends; null if there is none.</param>
/// <param name="AreReadersTold">Whether its last messages tell the readers of the failure, so that their streams end cleanly.</param>
internal readonly record struct RunOutcome(
    RunEndReason End, EventStreamRunState State, ExceptionDispatchInfo? Failure = null, bool AreReadersTold = false);
