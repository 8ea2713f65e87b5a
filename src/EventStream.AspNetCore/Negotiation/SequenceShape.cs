using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Sources;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The kind of a handler's sequence (payloads, items or messages), and its conversion to a stream and to an array.</summary>
internal abstract class SequenceShape
{
    public const string UsesReflection =
        "The type of a sequence is found by reflection. "
        + "Use WithEventStreamNegotiation<T>() in an app that is trimmed or compiled ahead of time.";

    // The generic types in which a handler may return a sequence.
    private static readonly Type[] Wrappers = [typeof(Task<>), typeof(ValueTask<>), typeof(ActionResult<>)];

    private static readonly ConcurrentDictionary<Type, SequenceShape?> Known = [];

    /// <summary>The type that a formatter writes.</summary>
    public abstract Type PayloadType { get; }

    /// <summary>Whether the items are frames around payloads, so that an array is not the sequence itself.</summary>
    public abstract bool HoldsFrames { get; }

    /// <summary>The type of the result of <see cref="ToArray"/>.</summary>
    public abstract Type ArrayType { get; }

    /// <summary>Gets the shape of a sequence type; null if the type is no sequence, or is a collection as well.</summary>
    [RequiresUnreferencedCode(UsesReflection)]
    [RequiresDynamicCode(UsesReflection)]
    public static SequenceShape? Of(Type? type) => type is null ? null : Known.GetOrAdd(type, Find);

    /// <summary>Gets the shape of a method's return type; null if it is no sequence.</summary>
    /// <remarks>The sequence may be inside a task or an <see cref="ActionResult{TValue}"/>.</remarks>
    [RequiresUnreferencedCode(UsesReflection)]
    [RequiresDynamicCode(UsesReflection)]
    public static SequenceShape? OfReturn(Type type)
    {
        while (type.IsGenericType && Wrappers.Contains(type.GetGenericTypeDefinition()))
        {
            type = type.GetGenericArguments()[0];
        }

        return Of(type);
    }

    /// <summary>Gets the shape of a sequence of <typeparamref name="T"/>, without reflection.</summary>
    public static SequenceShape Of<T>()
    {
        if (typeof(T) == typeof(EventStreamMessage)) return new MessageShape();
        return typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(SseItem<>)
            ? throw new NotSupportedException(
                $"Finding the payload of {typeof(T)} needs reflection. "
                + "Call WithEventStreamNegotiation() without a type argument.")
            : new ValueShape<T>();
    }

    /// <summary>Whether <paramref name="value"/> is a sequence of this shape.</summary>
    public abstract bool Fits(object? value);

    /// <summary>Makes the source of a stream of a sequence.</summary>
    /// <param name="sequence">The sequence, which fits.</param>
    /// <param name="format">The format of the payloads; null for JSON by the options of the app's minimal APIs.</param>
    public abstract FrameSource ToSource(object sequence, PayloadFormat? format);

    /// <summary>Gets only the payloads of a sequence, for a response that is an array.</summary>
    public abstract object ToArray(object sequence, HttpContext context);

    [RequiresUnreferencedCode(UsesReflection)]
    [RequiresDynamicCode(UsesReflection)]
    private static SequenceShape? Find(Type type)
    {
        // A sequence that is a collection as well, such as a query of Entity Framework Core, stays one document, as it was without us.
        if (typeof(IEnumerable).IsAssignableFrom(type)) return null;
        var sequence = IsSequence(type) ? type : type.GetInterfaces().FirstOrDefault(IsSequence);
        if (sequence is null) return null;
        var item = sequence.GetGenericArguments()[0];
        if (item == typeof(EventStreamMessage)) return new MessageShape();
        var shape = item.IsGenericType && item.GetGenericTypeDefinition() == typeof(SseItem<>)
            ? typeof(SseItemShape<>).MakeGenericType(item.GetGenericArguments()[0])
            : typeof(ValueShape<>).MakeGenericType(item);
        return (SequenceShape)Activator.CreateInstance(shape)!;
    }

    private static bool IsSequence(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);
}
