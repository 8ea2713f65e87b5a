using EventStream.AspNetCore.Runs;

namespace EventStream.AspNetCore.Channels;

/// <summary>The run of a channel in memory, as its <see cref="ChannelHistory"/> has it at one moment.</summary>
/// <param name="Producer">The run's producer.</param>
/// <param name="State">The state.</param>
/// <param name="Since">When it began, if it is running; otherwise when it ended.</param>
internal sealed record HistoryRun(OwnedRun Producer, EventStreamRunState State, DateTimeOffset Since);
