using System.Security.Claims;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Authorization;

/// <summary>What the checks of one open stream have come to.</summary>
/// <param name="Check">The running check; null if none is.</param>
/// <param name="User">The user of the next check; null: the request's.</param>
/// <param name="RefuseAt">The tick at which the stream ends as refused; <see cref="ClockEntry.Never"/> if no check has failed.</param>
/// <param name="IsOver">Whether no check counts any more.</param>
internal sealed record ReauthorizationState(ReauthorizationCheck? Check, ClaimsPrincipal? User, long RefuseAt, bool IsOver)
{
    /// <summary>Between two checks that approve the request's own user. All idle streams share it.</summary>
    public static ReauthorizationState Idle { get; } = new(Check: null, User: null, ClockEntry.Never, IsOver: false);
}
