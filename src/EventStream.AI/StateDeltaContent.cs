using System.Text.Json;

namespace EventStream.AI;

/// <summary>A change of an agent's state, as a JSON Patch (RFC 6902): AG-UI's event <c>STATE_DELTA</c>.</summary>
/// <remarks>Yield it in a <see cref="ChatResponseUpdate"/>. The other protocols leave it out.</remarks>
/// <param name="patch">
/// The operations, a JSON array: <c>[{"op":"replace","path":"/step","value":2}]</c>.
/// </param>
/// <exception cref="ArgumentException"><paramref name="patch"/> is not an array.</exception>
public sealed class StateDeltaContent(JsonElement patch) : AIContent
{
    /// <summary>The operations.</summary>
    public JsonElement Patch { get; } = patch.ValueKind == JsonValueKind.Array
        ? patch
        : throw new ArgumentException("A JSON Patch is an array of operations.", nameof(patch));
}
