using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>Serialises a <typeparamref name="T"/> as minimal APIs do.</summary>
/// <remarks>
/// It uses the contract of <typeparamref name="T"/> if that declares derived types. Otherwise it uses the contract of the value's own type.
/// </remarks>
internal static class JsonContract<T>
{
    private static readonly bool IsFinal = typeof(T).IsValueType || typeof(T).IsSealed;

    // The last contract without a frame, which is the same for nearly every message.
    private static JsonTypeInfo? _checked;

    public static JsonTypeInfo<T> From(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    public static void Write(Utf8JsonWriter writer, T value, JsonTypeInfo<T> typeInfo)
    {
        if (IsFinal || value is null || typeInfo.PolymorphismOptions is not null || value.GetType() == typeof(T))
        {
            Check(typeInfo);
            JsonSerializer.Serialize(writer, value, typeInfo);
        }
        else
        {
            var own = typeInfo.Options.GetTypeInfo(value.GetType());
            Check(own);
            JsonSerializer.Serialize(writer, value, own);
        }
    }

    public static T? Read(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(utf8, typeInfo);

    private static void Check(JsonTypeInfo contract)
    {
        if (ReferenceEquals(contract, Volatile.Read(ref _checked))) return;
        FrameContracts.RefuseFramesIn(contract);
        Volatile.Write(ref _checked, contract);
    }
}
