using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore;

/// <summary><c>TypedResults.EventStream</c>: for each kind of item, a sequence or a function of the client's position.</summary>
/// <remarks>Compilers before C# 14 find the same methods on <c>Results.Extensions</c>.</remarks>
public static class EventStreamTypedResultsExtensions
{
    extension(TypedResults)
    {
        /// <inheritdoc cref="EventStreamResult.EventStreamResult(IAsyncEnumerable{EventStreamMessage}, Action{EventStreamOptions}?)"/>
        [OverloadResolutionPriority(1)]
        public static EventStreamResult EventStream(
            IAsyncEnumerable<EventStreamMessage> messages, Action<EventStreamOptions>? configure = null) =>
            new(messages, configure);

        /// <inheritdoc cref="EventStreamResult.EventStreamResult(Func{string?, IAsyncEnumerable{EventStreamMessage}},
        /// Action{EventStreamOptions}?)"/>
        [OverloadResolutionPriority(1)]
        public static EventStreamResult EventStream(
            Func<string?, IAsyncEnumerable<EventStreamMessage>> messages, Action<EventStreamOptions>? configure = null) =>
            new(messages, configure);

        /// <inheritdoc cref="EventStreamResult{T}.EventStreamResult(IAsyncEnumerable{SseItem{T}}, Action{EventStreamOptions}?,
        /// JsonTypeInfo{T}?)"/>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(
            IAsyncEnumerable<SseItem<T>> items, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(items, configure, jsonTypeInfo);

        /// <inheritdoc cref="EventStreamResult{T}.EventStreamResult(Func{string?, IAsyncEnumerable{SseItem{T}}},
        /// Action{EventStreamOptions}?, JsonTypeInfo{T}?)"/>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(
            Func<string?, IAsyncEnumerable<SseItem<T>>> items,
            Action<EventStreamOptions>? configure = null,
            JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(items, configure, jsonTypeInfo);

        /// <inheritdoc cref="EventStreamResult{T}.EventStreamResult(IAsyncEnumerable{T}, Action{EventStreamOptions}?, JsonTypeInfo{T}?)"/>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(
            IAsyncEnumerable<T> values, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(values, configure, jsonTypeInfo);

        /// <inheritdoc cref="EventStreamResult{T}.EventStreamResult(Func{string?, IAsyncEnumerable{T}}, Action{EventStreamOptions}?,
        /// JsonTypeInfo{T}?)"/>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(
            Func<string?, IAsyncEnumerable<T>> values,
            Action<EventStreamOptions>? configure = null,
            JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(values, configure, jsonTypeInfo);

        /// <inheritdoc cref="EventStreamResult.EventStreamResult(EventStreamChannel, EventStreamSubscriptionOptions?,
        /// Action{EventStreamOptions}?)"/>
        public static EventStreamResult EventStream(
            EventStreamChannel channel,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            new(channel, subscription, configure);

        /// <inheritdoc cref="EventStreamResult.EventStreamResult(EventStreamRunRequest, EventStreamSubscriptionOptions?,
        /// Action{EventStreamOptions}?)"/>
        public static EventStreamResult EventStream(
            EventStreamRunRequest run,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            new(run, subscription, configure);

        /// <inheritdoc cref="EventStreamResult.EventStreamResult(Func{EventStreamRunRequest}, EventStreamSubscriptionOptions?,
        /// Action{EventStreamOptions}?)"/>
        public static EventStreamResult EventStream(
            Func<EventStreamRunRequest> run,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            new(run, subscription, configure);

        /// <inheritdoc cref="EventStreamResult.EventStreamResult(EventStreamSubscription, Action{EventStreamOptions}?)"/>
        public static EventStreamResult EventStream(EventStreamSubscription subscription, Action<EventStreamOptions>? configure = null) =>
            new(subscription, configure);

        /// <inheritdoc cref="EventStreamResultsExtensions.extension(Results).EventStreamRun(string, EventStreamSubscriptionOptions?,
        /// Action{EventStreamOptions}?)"/>
        public static EventStreamResult EventStreamRun(
            string channel,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            EventStreamResult.OfRunning(channel, subscription, configure);

        /// <inheritdoc cref="EventStreamRetryLaterResult.EventStreamRetryLaterResult(TimeSpan)"/>
        public static EventStreamRetryLaterResult EventStreamRetryLater(TimeSpan retry) => new(retry);
    }
}
