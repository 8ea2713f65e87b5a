using System.Text.Json;

namespace EventStream.AI;

/// <summary>The whole state of an agent, which an AG-UI client shows: the event <c>STATE_SNAPSHOT</c>.</summary>
/// <remarks>Yield it in a <see cref="ChatResponseUpdate"/>. The other protocols leave it out.</remarks>
/// <param name="state">The state; any JSON.</param>
public sealed class StateSnapshotContent(JsonElement state) : AIContent
{
    /// <summary>The state.</summary>
    public JsonElement State { get; } = state;
}
