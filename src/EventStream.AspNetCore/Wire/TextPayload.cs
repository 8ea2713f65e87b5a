namespace EventStream.AspNetCore.Wire;

/// <summary>Recognises payloads that are text or bytes, which are sent unchanged.</summary>
/// <remarks>It checks the value itself, and not only its declared type.</remarks>
internal static class TextPayload<T>
{
    /// <summary>Whether every <typeparamref name="T"/> is text, including null.</summary>
    public static readonly bool IsAlways = (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is var type
        && (type == typeof(string) || type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(Memory<byte>));

    /// <summary>Whether a <typeparamref name="T"/> may be text, such as an object or an interface of string.</summary>
    /// <remarks>It is computed once for each type, so that other payloads cost nothing.</remarks>
    public static readonly bool IsSometimes = IsAlways
        || typeof(T).IsAssignableFrom(typeof(string))
        || typeof(T).IsAssignableFrom(typeof(byte[]))
        || typeof(T).IsAssignableFrom(typeof(ReadOnlyMemory<byte>));

    /// <summary>Whether a value is text, and if so its data, which is empty for a null text.</summary>
    /// <exception cref="ArgumentException">The value is bytes that are not UTF-8.</exception>
    public static bool Is(T value, out EventStreamData data)
    {
        data = default;
        if (!IsSometimes) return false;
        switch (value)
        {
            case string text:
                data = text;
                return true;

            // The runtime also matches an sbyte array as byte[].
            case byte[] bytes when value.GetType() == typeof(byte[]):
                data = bytes;
                return true;

            case ReadOnlyMemory<byte> bytes:
                data = bytes;
                return true;

            case Memory<byte> bytes:
                data = (ReadOnlyMemory<byte>)bytes;
                return true;

            default:
                return IsAlways;
        }
    }
}
