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
        /// <summary>An event stream of messages.</summary>
        /// <param name="messages">
        /// The messages; enumerated with a token that is cancelled when the client leaves, the host stops or the stream's lifetime ends.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        [OverloadResolutionPriority(1)]
        public static EventStreamResult EventStream(IAsyncEnumerable<EventStreamMessage> messages, Action<EventStreamOptions>? configure = null) =>
            new(messages, configure);

        /// <summary>An event stream of messages that resumes at the client's position.</summary>
        /// <param name="messages">
        /// From the request's <c>Last-Event-ID</c> (null if absent) to the messages that follow it. The id is the client's word: any text
        /// may come.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        [OverloadResolutionPriority(1)]
        public static EventStreamResult EventStream(Func<string?, IAsyncEnumerable<EventStreamMessage>> messages, Action<EventStreamOptions>? configure = null) =>
            new(messages, configure);

        /// <summary>An event stream of the framework's items.</summary>
        /// <param name="items">
        /// The items; enumerated with a token that is cancelled when the client leaves, the host stops or the stream's lifetime ends.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(IAsyncEnumerable<SseItem<T>> items, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(items, configure, jsonTypeInfo);

        /// <summary>An event stream of the framework's items that resumes at the client's position.</summary>
        /// <param name="items">
        /// From the request's <c>Last-Event-ID</c> (null if absent) to the items that follow it. The id is the client's word: any text may
        /// come.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(Func<string?, IAsyncEnumerable<SseItem<T>>> items, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(items, configure, jsonTypeInfo);

        /// <summary>An event stream of payloads, without ids.</summary>
        /// <param name="values">The payloads: strings and UTF-8 bytes are text, everything else is JSON by the app's own options.</param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(IAsyncEnumerable<T> values, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(values, configure, jsonTypeInfo);

        /// <summary>An event stream of payloads from the client's position.</summary>
        /// <param name="values">
        /// From the request's <c>Last-Event-ID</c> (null if absent) to the payloads that follow it. The id is the client's word: any text
        /// may come.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        /// <param name="jsonTypeInfo">The JSON contract of the payload; null, the default, takes it from the app's options.</param>
        /// <typeparam name="T">The type of the payload.</typeparam>
        public static EventStreamResult<T> EventStream<T>(Func<string?, IAsyncEnumerable<T>> values, Action<EventStreamOptions>? configure = null, JsonTypeInfo<T>? jsonTypeInfo = null) =>
            new(values, configure, jsonTypeInfo);

        /// <summary>The event stream of a channel: what followed the client's position, then what is published.</summary>
        /// <param name="channel">The channel.</param>
        /// <param name="subscription">
        /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all of them, as the channel's
        /// options say.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult EventStream(
            EventStreamChannel channel,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            new(channel, subscription, configure);

        /// <summary>The event stream of a channel that is looked up when the stream opens: <c>() => hub.Run(…)</c>.</summary>
        /// <remarks>It is not looked up for a client that has read the channel to the end.</remarks>
        /// <param name="channel">
        /// Returns the channel. Called once, before the headers leave, so what it throws is an ordinary error of the request.
        /// </param>
        /// <param name="subscription">
        /// Which of its messages the stream sends, and where it begins without a position. Null, the default: all of them, as the channel's
        /// options say.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult EventStream(
            Func<EventStreamChannel> channel,
            EventStreamSubscriptionOptions? subscription = null,
            Action<EventStreamOptions>? configure = null) =>
            new(channel, subscription, configure);

        /// <summary>The event stream of the channels that a request subscribes to, answered as by <c>MapEventStream</c>.</summary>
        /// <remarks>
        /// For handlers that look up which channels they are. The channels' policies are asked, and a channel that does not exist goes
        /// through <see cref="EventStreamChannelOptions.OnUnknown"/>. A subscription that no connection can follow gets 400 with the
        /// reason.
        /// </remarks>
        /// <param name="subscription">
        /// The channels, and which of their messages. A name converts to one: <c>Results.EventStream($"users/{id}")</c>.
        /// </param>
        /// <param name="configure">
        /// Changes the app's <see cref="EventStreamOptions"/> for this stream alone; null, the default, changes nothing.
        /// </param>
        public static EventStreamResult EventStream(EventStreamSubscription subscription, Action<EventStreamOptions>? configure = null) =>
            new(subscription, configure);

        /// <summary>A refusal that a browser survives; see <see cref="EventStreamRetryLaterResult"/>.</summary>
        /// <param name="retry">How long the client is to wait; up to a half is added at random. From 1 ms to one day.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
        public static EventStreamRetryLaterResult EventStreamRetryLater(TimeSpan retry) => new(retry);
    }
}
