using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>
/// Keeps frames that are not ours, such as the framework's <c>SseItem&lt;T&gt;</c>, from becoming JSON inside of a payload, as
/// <see cref="EventStreamFrameJsonConverter{T}"/> does our own frames.
/// </summary>
internal static class FrameContracts
{
    private static readonly ConditionalWeakTable<JsonTypeInfo, FoundFrame> Found = [];

    extension(JsonSerializerOptions options)
    {
        /// <summary>
        /// The same options, whose contract of a frame throws wherever the serialiser meets one: in a property, a list, or declared as
        /// object.
        /// </summary>
        public JsonSerializerOptions RefusingFrames()
        {
            if (options.TypeInfoResolver is not { } contracts) return options;
            var refusing = new JsonSerializerOptions(options) { TypeInfoResolver = new RefusingResolver(contracts) };
            refusing.MakeReadOnly();
            return refusing;
        }
    }

    /// <summary>
    /// Refuses a sequence of frames, also one that is empty, and a contract of the caller's own by which a frame would become JSON.
    /// </summary>
    /// <exception cref="InvalidOperationException">The payload is a sequence of frames.</exception>
    /// <exception cref="NotSupportedException">There is a frame inside the payload.</exception>
    public static void RefuseFramesIn(JsonTypeInfo contract)
    {
        if (contract.ElementType is { } element && FrameType.Is(element)) throw new InvalidOperationException(FrameType.Complaint(element));
        if (contract.Options.TypeInfoResolver is RefusingResolver) return;
        var found = Found.GetValue(contract, static contract => new(FrameIn(contract, [])));
        if (found.Type is { } type) throw new NotSupportedException($"{FrameType.Complaint(type)} There is one inside {contract.Type}.");
    }

    /// <summary>
    /// The frame that a contract would make JSON of, in its properties, elements and derived types; null if there is none.
    /// </summary>
    /// <remarks>What is declared as object is not seen: the caller's options decide about it when it is serialised.</remarks>
    private static Type? FrameIn(JsonTypeInfo contract, HashSet<Type> seen)
    {
        if (IsFrame(contract)) return contract.Type;
        if (!seen.Add(contract.Type)) return null;
        foreach (var part in PartsOf(contract))
        {
            if (ContractOf(part, contract.Options) is { } inner && FrameIn(inner, seen) is { } frame) return frame;
        }

        return null;
    }

    private static IEnumerable<Type> PartsOf(JsonTypeInfo contract)
    {
        if (contract.ElementType is { } element) yield return element;
        foreach (var property in contract.Properties)
        {
            // One with a converter of the app's is what that makes of it; one without a getter is only read.
            if (property is { Get: not null, CustomConverter: null }) yield return property.PropertyType;
        }

        foreach (var derived in contract.PolymorphismOptions?.DerivedTypes ?? []) yield return derived.DerivedType;
    }

    private static JsonTypeInfo? ContractOf(Type type, JsonSerializerOptions options)
    {
        try
        {
            return options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var contract) ? contract : null;
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            // The serialiser refuses such a type itself, if it meets a value of it.
            return null;
        }
    }

    // Another kind has a converter of the app's, which has made a payload of it.
    private static bool IsFrame(JsonTypeInfo contract) =>
        contract.Kind == JsonTypeInfoKind.Object && (FrameType.IsSseItem(contract.Type) || FrameType.IsClientEvent(contract.Type));

    /// <summary>The app's contracts, but for those of frames, which throw.</summary>
    private sealed class RefusingResolver(IJsonTypeInfoResolver contracts) : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            var contract = contracts.GetTypeInfo(type, options);
            if (contract is not null && IsFrame(contract))
            {
                contract.OnSerializing = static frame => throw new NotSupportedException(FrameType.Complaint(frame.GetType()));
            }

            return contract;
        }
    }

    /// <summary>What was found in a contract.</summary>
    /// <param name="Type">The frame; null: none.</param>
    private sealed record FoundFrame(Type? Type);
}
