using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>Refuses frames of other libraries inside a JSON payload, such as the framework's <c>SseItem&lt;T&gt;</c>.</summary>
/// <remarks><see cref="EventStreamFrameJsonConverter{T}"/> refuses this library's own frames.</remarks>
internal static class FrameContracts
{
    private static readonly ConditionalWeakTable<JsonTypeInfo, FoundFrame> Found = [];

    extension(JsonSerializerOptions options)
    {
        /// <summary>Gets a copy of the options that throws when a frame is serialised.</summary>
        /// <remarks>The frame may be in a property or a list, or be declared as object.</remarks>
        public JsonSerializerOptions RefusingFrames()
        {
            if (options.TypeInfoResolver is not { } contracts) return options;
            var refusing = new JsonSerializerOptions(options) { TypeInfoResolver = new RefusingResolver(contracts) };
            refusing.MakeReadOnly();
            return refusing;
        }
    }

    /// <summary>Throws if a contract is a sequence of frames, even an empty one, or would turn a frame into JSON.</summary>
    /// <exception cref="InvalidOperationException">The payload is a sequence of frames.</exception>
    /// <exception cref="NotSupportedException">There is a frame inside the payload.</exception>
    public static void RefuseFramesIn(JsonTypeInfo contract)
    {
        if (contract.ElementType is { } element && FrameType.Is(element)) throw new InvalidOperationException(FrameType.Complaint(element));
        if (contract.Options.TypeInfoResolver is RefusingResolver) return;
        var found = Found.GetValue(contract, static contract => new(FrameIn(contract, [])));
        if (found.Type is { } type) throw new NotSupportedException($"{FrameType.Complaint(type)} The type {contract.Type} contains it.");
    }

    /// <summary>Finds a frame in the properties, elements and derived types of a contract; null if there is none.</summary>
    /// <remarks>It does not see values that are declared as object. The caller's options handle them when they are serialised.</remarks>
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
            // A converter of the app's decides what becomes of its property. A property without a getter is not serialised.
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
            // The serialiser itself refuses such a type when it gets a value of it.
            return null;
        }
    }

    // Another kind has a converter of the app's, which turns the frame into a payload on purpose.
    private static bool IsFrame(JsonTypeInfo contract) =>
        contract.Kind == JsonTypeInfoKind.Object && (FrameType.IsSseItem(contract.Type) || FrameType.IsClientEvent(contract.Type));

    /// <summary>Resolves the app's contracts, and makes those of frames throw.</summary>
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

    /// <summary>The result of a search for a frame in a contract.</summary>
    /// <param name="Type">The frame; null if there is none.</param>
    private sealed record FoundFrame(Type? Type);
}
