using System.Runtime.ExceptionServices;

namespace EventStream.AspNetCore.Runs;

/// <summary>How a run has ended on this node.</summary>
/// <param name="End">Why its producer yields nothing more.</param>
/// <param name="State">The run's last state.</param>
/// <param name="Failure">The exception that ends the streams of its readers; null if they end cleanly.</param>
internal readonly record struct RunOutcome(RunEnd End, EventStreamRunState State, ExceptionDispatchInfo? Failure = null);
