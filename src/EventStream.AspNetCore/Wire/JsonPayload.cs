using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>An object that is serialised when its frame is written.</summary>
internal abstract class JsonPayload
{
    /// <summary>Gets the options of the payload's own contract; without one, the app's.</summary>
    public abstract JsonSerializerOptions OptionsOr(JsonSerializerOptions app);

    public abstract void Write(Utf8JsonWriter writer, JsonSerializerOptions options);

    public string GetText(JsonSerializerOptions app)
    {
        ArrayBufferWriter<byte> utf8 = new();
        using Utf8JsonWriter writer = new(utf8, OptionsOr(app).ToWriterOptions());
        Write(writer, app);
        writer.Flush();
        return Encoding.UTF8.GetString(utf8.WrittenSpan);
    }
}

internal sealed class JsonPayload<T>(T value, JsonTypeInfo<T>? typeInfo) : JsonPayload, IEquatable<JsonPayload<T>>
{
    private readonly T _value = value;

    public override JsonSerializerOptions OptionsOr(JsonSerializerOptions app) => typeInfo?.Options ?? app;

    public override void Write(Utf8JsonWriter writer, JsonSerializerOptions options) =>
        JsonContract<T>.Write(writer, _value, typeInfo ?? JsonContract<T>.From(options));

    public bool Equals(JsonPayload<T>? other) => other is not null && EqualityComparer<T>.Default.Equals(_value, other._value);

    public override bool Equals(object? obj) => Equals(obj as JsonPayload<T>);

    public override int GetHashCode() => _value?.GetHashCode() ?? 0;

    public override string? ToString() => _value?.ToString();
}
