using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Wire;

/// <summary>
/// Keeps the framework's <c>SseItem&lt;T&gt;</c> from becoming JSON inside of a payload, as <see cref="EventStreamFrameJsonConverter{T}"/>
/// does our own frames.
/// </summary>
internal static class FrameContracts
{
    extension(JsonSerializerOptions options)
    {
        /// <summary>
        /// The same options, whose contract of an <c>SseItem&lt;T&gt;</c> throws wherever the serialiser meets one: in a property, a list,
        /// or declared as object.
        /// </summary>
        public JsonSerializerOptions RefusingFrames()
        {
            if (options.TypeInfoResolver is not { } contracts) return options;
            var refusing = new JsonSerializerOptions(options) { TypeInfoResolver = contracts.WithAddedModifier(Refuse) };
            refusing.MakeReadOnly();
            return refusing;
        }
    }

    /// <summary>Refuses a sequence of frames, also one that is empty.</summary>
    public static void RefuseFramesIn(JsonTypeInfo contract)
    {
        if (contract.ElementType is { } element && FrameType.Is(element)) throw new InvalidOperationException(FrameType.Complaint(element));
    }

    private static void Refuse(JsonTypeInfo contract)
    {
        // Another kind has a converter of the app's, which has made a payload of it.
        if (contract.Kind == JsonTypeInfoKind.Object && FrameType.IsSseItem(contract.Type))
        {
            contract.OnSerializing = static item => throw new NotSupportedException(FrameType.Complaint(item.GetType()));
        }
    }
}
