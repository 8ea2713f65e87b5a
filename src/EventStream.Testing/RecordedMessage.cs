using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore;

namespace EventStream.Testing;

/// <summary>A message that was published to a <see cref="RecordingPublisher"/>.</summary>
public sealed class RecordedMessage
{
    internal RecordedMessage(
        string channel,
        EventStreamMessage message,
        EventStreamMessage text,
        EventStreamMetadata? metadata,
        EventStreamPosition? position,
        DbTransaction? transaction)
    {
        Channel = channel;
        Message = message;
        Data = text.Data.ToString();
        Metadata = metadata;
        Position = position;
        Transaction = transaction;
    }

    /// <summary>The channel's name.</summary>
    public string Channel { get; }

    /// <summary>The message as it was published. An object in it may have changed since.</summary>
    public EventStreamMessage Message { get; }

    /// <summary>The event's name, as in <see cref="TestEvent"/>.</summary>
    /// <value><c>message</c> if the publisher named none.</value>
    public string Event => string.IsNullOrEmpty(Message.Event) ? "message" : Message.Event;

    /// <summary>The data as text when it was published: an object as JSON.</summary>
    /// <value>Empty if the message has no data: then <c>Message.Data.HasValue</c> is false.</value>
    public string Data { get; }

    /// <summary>The metadata that the publisher gave the message.</summary>
    /// <value>Null if it gave none.</value>
    public EventStreamMetadata? Metadata { get; }

    /// <summary>The message's position.</summary>
    /// <value>Null if the message was published in a transaction.</value>
    /// <remarks>Within a channel the sequences rise by one. Messages in transactions use up sequences too.</remarks>
    public EventStreamPosition? Position { get; }

    /// <summary>The transaction in which the message was published.</summary>
    /// <remarks>The publisher does not know whether it was committed.</remarks>
    /// <value>Null if there was none.</value>
    public DbTransaction? Transaction { get; }

    /// <summary>Reads the data as JSON.</summary>
    /// <typeparam name="T">The type of the data.</typeparam>
    /// <param name="options">
    /// How to read the JSON. Null: <see cref="JsonSerializerOptions.Web"/>, the default of ASP.NET Core.
    /// </param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="EventStreamTestException">The data is not JSON of this type.</exception>
    [OverloadResolutionPriority(1)] // Without it, a call with null or new() would be ambiguous between the overloads.
    [RequiresUnreferencedCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is trimmed.")]
    [RequiresDynamicCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is compiled ahead of time.")]
    public T? ReadFromJson<T>(JsonSerializerOptions? options = null) =>
        Read(data => JsonSerializer.Deserialize<T>(data, options ?? JsonSerializerOptions.Web));

    /// <summary>Reads the data as JSON.</summary>
    /// <typeparam name="T">The type of the data.</typeparam>
    /// <param name="jsonTypeInfo">How to read it.</param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="jsonTypeInfo"/> is null.</exception>
    /// <exception cref="EventStreamTestException">The data is not JSON of this type.</exception>
    public T? ReadFromJson<T>(JsonTypeInfo<T> jsonTypeInfo)
    {
        ArgumentNullException.ThrowIfNull(jsonTypeInfo);
        return Read(data => JsonSerializer.Deserialize(data, jsonTypeInfo));
    }

    /// <summary>Returns the channel, the event and the data, for the messages of assertions.</summary>
    public override string ToString() => $"{Channel}: {Event}, data '{Data}'";

    private T? Read<T>(Func<string, T?> read)
    {
        try
        {
            return read(Data);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new EventStreamTestException($"Expected data that is JSON of {typeof(T)}, but this was published to {this}.", exception);
        }
    }
}
