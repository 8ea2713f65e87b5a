using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>An object that is serialised when its frame is written.</summary>
internal abstract class JsonPayload
{
    public abstract void Write(Utf8JsonWriter writer, JsonSerializerOptions options);
}

internal sealed class JsonPayload<T>(T value, JsonTypeInfo<T>? typeInfo) : JsonPayload, IEquatable<JsonPayload<T>>
{
    private readonly T _value = value;

    public override void Write(Utf8JsonWriter writer, JsonSerializerOptions options) =>
        JsonContract<T>.Write(writer, _value, typeInfo ?? JsonContract<T>.From(options));

    public bool Equals(JsonPayload<T>? other) => other is not null && EqualityComparer<T>.Default.Equals(_value, other._value);

    public override bool Equals(object? obj) => Equals(obj as JsonPayload<T>);

    public override int GetHashCode() => _value?.GetHashCode() ?? 0;

    public override string? ToString() => _value?.ToString();
}
