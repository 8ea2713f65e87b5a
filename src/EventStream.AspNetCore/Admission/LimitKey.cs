namespace EventStream.AspNetCore.Admission;

/// <summary>What shares a count of open streams: one user, one address or one channel.</summary>
/// <param name="Limit">The limit whose count it is.</param>
/// <param name="Name">The user or the channel; null for an address.</param>
/// <param name="Address">The address, as <see cref="ClientAddress"/> has it; 0 for a user or a channel.</param>
internal readonly record struct LimitKey(Limit Limit, string? Name, ulong Address);
