using System.Text.Json;

namespace EventStream.AI;

/// <summary>Data of the app's own in an answer, such as a progress or a chart.</summary>
/// <remarks>
/// Yield it in a <see cref="ChatResponseUpdate"/>. It is a <c>data-*</c> part for the AI SDK, and the event <c>CUSTOM</c> for AG-UI.
/// OpenAI's protocol has no place for it, and leaves it out.
/// </remarks>
/// <param name="name">The name: <c>weather</c> is the part <c>data-weather</c>. Not empty.</param>
/// <param name="value">The data; make it with <see cref="JsonSerializer"/>.</param>
public sealed class AppDataContent(string name, JsonElement value) : AIContent
{
    /// <summary>The name, without <c>data-</c>.</summary>
    public string Name { get; } = string.IsNullOrEmpty(name) ? throw new ArgumentException("The name is empty.", nameof(name)) : name;

    /// <summary>The data.</summary>
    public JsonElement Value { get; } = value;

    /// <summary>The part's id for the AI SDK: a later part of the same name and id replaces this one.</summary>
    /// <value>Null by default: each part is a part of its own.</value>
    public string? Id { get; init; }

    /// <summary>Whether the AI SDK only passes the data to <c>onData</c>, and does not keep it in the message.</summary>
    /// <value>False by default.</value>
    public bool IsTransient { get; init; }
}
