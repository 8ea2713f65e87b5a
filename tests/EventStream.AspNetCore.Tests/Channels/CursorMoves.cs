using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Moves a cursor as the loop of a response does: polls it, and waits for the signal.</summary>
internal static class CursorMoves
{
    // The same signal in each poll of a cursor.
    private static readonly ConditionalWeakTable<FrameCursor, StreamSignal> Signals = [];

    /// <summary>Waits until there is something to write.</summary>
    /// <returns>False if there is nothing more.</returns>
    public static async ValueTask<bool> MoveNextAsync(this FrameCursor cursor)
    {
        var signal = Signals.GetValue(cursor, _ => new StreamSignal());
        while (true)
        {
            switch (cursor.Poll(signal))
            {
                case PollResult.Ready:
                    return true;
                case PollResult.Ended:
                    return false;
                default:
                    await signal.WaitAsync();
                    break;
            }
        }
    }
}
