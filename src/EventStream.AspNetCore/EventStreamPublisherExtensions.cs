using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore;

/// <summary>Publishes values as messages, by any <see cref="IEventStreamPublisher"/> or channel.</summary>
/// <remarks>
/// Each method has the parameters of the method for messages, with an event's name and a JSON contract after the metadata.
/// A replacement of the publisher only gets messages: each value reaches it as a message.
/// </remarks>
public static class EventStreamPublisherExtensions
{
    /// <summary>Publishes a value to a channel as the data of an event.</summary>
    /// <remarks>
    /// The value's type at run time decides, also if the value is declared as <see cref="object"/>. A sequence of messages is published as
    /// those messages, together; any other sequence is one JSON array. A frame never becomes JSON: an <c>SseItem&lt;T&gt;</c>, a task, or
    /// an <c>IAsyncEnumerable</c> of messages throws.
    /// </remarks>
    /// <param name="publisher">The app's publisher.</param>
    /// <param name="channel">The channel, or its name. A name that matches a pattern creates the channel.</param>
    /// <param name="value">The value. Strings, UTF-8 bytes and a message are published as they are, and everything else as JSON.</param>
    /// <param name="metadata">The metadata by which subscriptions choose; null, the default, is none.</param>
    /// <param name="eventName">
    /// The name of the event, as in <see cref="EventStreamMessage.Event"/>. Null, the default, is the default event, or a message's own.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">Cancels, with the limits that publishing a message has.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <returns>The message's position; for a sequence of messages, that of the last one.</returns>
    /// <exception cref="ArgumentException">
    /// The same as for a message. Or the value is null text, bytes that are not UTF-8, or an empty sequence of messages.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The same as for a message. Or the value is a frame that cannot be published, such as a task of a message.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or contains a frame.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public static ValueTask<EventStreamPosition> PublishAsync<T>(
        this IEventStreamPublisher publisher,
        string channel,
        T value,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(publisher);

        // A hub writes JSON straight into the frame, which saves the object that would hold the value.
        if (publisher is EventStreamHub hub)
        {
            return hub.GetChannel(channel).PublishAsync(value, metadata, eventName, jsonTypeInfo, cancellationToken);
        }

        return PublishedValue<T>.AreMessages(value, eventName, out var messages)
            ? LastOfAsync(publisher.PublishBatchAsync(channel, messages, metadata, cancellationToken))
            : publisher.PublishAsync(channel, PublishedValue<T>.ToMessage(value, eventName, jsonTypeInfo), metadata, cancellationToken);
    }

    /// <summary>Publishes a value to a channel when the caller's transaction is committed.</summary>
    /// <remarks>
    /// The value's type at run time decides, also if the value is declared as <see cref="object"/>. A sequence of messages is published as
    /// those messages, together; any other sequence is one JSON array. A frame never becomes JSON: an <c>SseItem&lt;T&gt;</c>, a task, or
    /// an <c>IAsyncEnumerable</c> of messages throws.
    /// </remarks>
    /// <param name="publisher">The app's publisher.</param>
    /// <param name="channel">The channel, or its name. A name that matches a pattern creates the channel.</param>
    /// <param name="value">The value. Strings, UTF-8 bytes and a message are published as they are, and everything else as JSON.</param>
    /// <param name="transaction">A transaction that has not ended, in the database of the log.</param>
    /// <param name="metadata">The metadata by which subscriptions choose; null, the default, is none.</param>
    /// <param name="eventName">
    /// The name of the event, as in <see cref="EventStreamMessage.Event"/>. Null, the default, is the default event, or a message's own.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">Cancels; the transaction can then only be rolled back.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="ArgumentException">The same as for a message. Or the value is null text, or bytes that are not UTF-8.</exception>
    /// <exception cref="InvalidOperationException">
    /// The same as for a message. Or the value is a frame that cannot be published, such as a task of a message.
    /// </exception>
    /// <exception cref="NotSupportedException">The value cannot be serialised, or contains a frame.</exception>
    public static ValueTask PublishAsync<T>(
        this IEventStreamPublisher publisher,
        string channel,
        T value,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return PublishedValue<T>.AreMessages(value, eventName, out var messages)
            ? publisher.PublishBatchAsync(channel, messages, transaction, metadata, cancellationToken)
            : publisher.PublishAsync(
                channel, PublishedValue<T>.ToMessage(value, eventName, jsonTypeInfo), transaction, metadata, cancellationToken);
    }

    /// <summary>Publishes values together: all of them or none, each as an event of its own.</summary>
    /// <param name="publisher">The app's publisher.</param>
    /// <param name="channel">The channel, or its name. A name that matches a pattern creates the channel.</param>
    /// <param name="values">
    /// The values, each as for <c>PublishAsync</c>. They are enumerated once, before anything is published. An empty sequence does nothing.
    /// </param>
    /// <param name="metadata">
    /// The metadata of each message; null, the default, is none. An <see cref="EventStreamMetadata.IdempotencyKey"/> is the key of the
    /// whole list.
    /// </param>
    /// <param name="eventName">
    /// The name of the event, as in <see cref="EventStreamMessage.Event"/>. Null, the default, is the default event, or a message's own.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">Cancels, with the limits that publishing a message has.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <returns>A position for each value.</returns>
    /// <exception cref="ArgumentException">
    /// The same as for messages. Or a value is null text or not UTF-8, or the values are the characters of one text.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The same as for messages. Or a value is a frame that cannot be published, such as a task of a message.
    /// </exception>
    /// <exception cref="NotSupportedException">A value cannot be serialised, or contains a frame.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public static ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync<T>(
        this IEventStreamPublisher publisher,
        string channel,
        IEnumerable<T> values,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        var messages = PublishedValue<T>.ToMessages(values, eventName, jsonTypeInfo);
        return publisher.PublishBatchAsync(channel, messages, metadata, cancellationToken);
    }

    /// <summary>Publishes values together when the caller's transaction is committed: all of them or none.</summary>
    /// <param name="publisher">The app's publisher.</param>
    /// <param name="channel">The channel, or its name. A name that matches a pattern creates the channel.</param>
    /// <param name="values">
    /// The values, each as for <c>PublishAsync</c>. They are enumerated once, before anything is published. An empty sequence does nothing.
    /// </param>
    /// <param name="transaction">A transaction that has not ended, in the database of the log.</param>
    /// <param name="metadata">
    /// The metadata of each message; null, the default, is none. An <see cref="EventStreamMetadata.IdempotencyKey"/> is the key of the
    /// whole list.
    /// </param>
    /// <param name="eventName">
    /// The name of the event, as in <see cref="EventStreamMessage.Event"/>. Null, the default, is the default event, or a message's own.
    /// </param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <param name="cancellationToken">Cancels; the transaction can then only be rolled back.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <exception cref="ArgumentException">
    /// The same as for messages. Or a value is null text or not UTF-8, or the values are the characters of one text.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The same as for messages. Or a value is a frame that cannot be published, such as a task of a message.
    /// </exception>
    /// <exception cref="NotSupportedException">A value cannot be serialised, or contains a frame.</exception>
    public static ValueTask PublishBatchAsync<T>(
        this IEventStreamPublisher publisher,
        string channel,
        IEnumerable<T> values,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        var messages = PublishedValue<T>.ToMessages(values, eventName, jsonTypeInfo);
        return publisher.PublishBatchAsync(channel, messages, transaction, metadata, cancellationToken);
    }

    /// <inheritdoc cref="PublishAsync{T}(IEventStreamPublisher, string, T, EventStreamMetadata?, string?, JsonTypeInfo{T}?,
    /// CancellationToken)"/>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public static ValueTask<EventStreamPosition> PublishAsync<T>(
        this EventStreamChannel channel,
        T value,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (PublishedValue<T>.IsMessage(value, eventName, out var message))
        {
            return channel.PublishAsync(message, metadata, cancellationToken);
        }

        return PublishedValue<T>.AreMessages(value, eventName, out var messages)
            ? LastOfAsync(channel.PublishBatchAsync(messages, metadata, cancellationToken))
            : channel.PublishJsonAsync(value, metadata, eventName, jsonTypeInfo, cancellationToken);
    }

    /// <inheritdoc cref="PublishAsync{T}(IEventStreamPublisher, string, T, DbTransaction, EventStreamMetadata?, string?, JsonTypeInfo{T}?,
    /// CancellationToken)"/>
    public static ValueTask PublishAsync<T>(
        this EventStreamChannel channel,
        T value,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return PublishedValue<T>.AreMessages(value, eventName, out var messages)
            ? channel.PublishBatchAsync(messages, transaction, metadata, cancellationToken)
            : channel.PublishAsync(PublishedValue<T>.ToMessage(value, eventName, jsonTypeInfo), transaction, metadata, cancellationToken);
    }

    /// <inheritdoc cref="PublishBatchAsync{T}(IEventStreamPublisher, string, IEnumerable{T}, EventStreamMetadata?, string?,
    /// JsonTypeInfo{T}?, CancellationToken)"/>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for a transaction.
    public static ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync<T>(
        this EventStreamChannel channel,
        IEnumerable<T> values,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var messages = PublishedValue<T>.ToMessages(values, eventName, jsonTypeInfo);
        return channel.PublishBatchAsync(messages, metadata, cancellationToken);
    }

    /// <inheritdoc cref="PublishBatchAsync{T}(IEventStreamPublisher, string, IEnumerable{T}, DbTransaction, EventStreamMetadata?, string?,
    /// JsonTypeInfo{T}?, CancellationToken)"/>
    public static ValueTask PublishBatchAsync<T>(
        this EventStreamChannel channel,
        IEnumerable<T> values,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var messages = PublishedValue<T>.ToMessages(values, eventName, jsonTypeInfo);
        return channel.PublishBatchAsync(messages, transaction, metadata, cancellationToken);
    }

    private static async ValueTask<EventStreamPosition> LastOfAsync(ValueTask<IReadOnlyList<EventStreamPosition>> publishing) =>
        await publishing is [.., var last]
            ? last
            : throw new ArgumentException(
                "The value is an empty sequence of messages, so there is nothing to publish. "
                + "Call PublishBatchAsync if the sequence may be empty.");
}
