namespace EventStream.AspNetCore.Wire;

/// <summary>Whether a payload is text, or bytes, which go out as they are: by what it is, and not only by what it is declared as.</summary>
internal static class TextPayload<T>
{
    /// <summary>Whether every <typeparamref name="T"/> is text, null too.</summary>
    public static readonly bool IsAlways = (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is var type
        && (type == typeof(string) || type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(Memory<byte>));

    /// <summary>
    /// Whether a <typeparamref name="T"/> may be text: also an object, or an interface of string's. Asked once a type, so that other
    /// payloads pay nothing.
    /// </summary>
    public static readonly bool IsSometimes = IsAlways
        || typeof(T).IsAssignableFrom(typeof(string))
        || typeof(T).IsAssignableFrom(typeof(byte[]))
        || typeof(T).IsAssignableFrom(typeof(ReadOnlyMemory<byte>));

    /// <summary>Whether <paramref name="value"/> is text, and the data that it is: none for a text that is null.</summary>
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

            // For the runtime an array of sbyte is one of bytes.
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
