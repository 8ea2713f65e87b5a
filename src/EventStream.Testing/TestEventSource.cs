using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Testing.Reading;

namespace EventStream.Testing;

/// <summary>An event source for tests, which reads a stream item by item.</summary>
/// <remarks>
/// Open it by <c>client.OpenEventStreamAsync(url)</c>. A call fails if another item arrives than expected, or none within
/// <see cref="TestEventSourceOptions.Timeout"/>; the message shows the wire so far. Not thread-safe: no two calls at once. Dispose of it
/// to leave the stream, as a browser's <c>close()</c> does.
/// </remarks>
public sealed class TestEventSource : IAsyncDisposable
{
    private readonly TestEventSourceOptions _options;
    private readonly Subscription _subscription;
    private readonly Cursor _cursor;

    internal TestEventSource(HttpClient client, Uri url, TestEventSourceOptions options)
    {
        _options = options;
        _subscription = new(new StreamRequest(client, url, options), options);
        _cursor = new(_subscription, options);
    }

    /// <summary>The answer of the latest connection: its status, its headers, and, if it is not a stream, its body.</summary>
    public HttpResponseMessage Response => _subscription.Response!;

    /// <summary>The position after the last item that the test has read; empty if there is none.</summary>
    /// <remarks>A reconnect resumes after it.</remarks>
    public string LastEventId => _cursor.LastEventId;

    /// <summary>The reconnection time after the last item that the test has read.</summary>
    /// <value>3 s until the server sets another.</value>
    public TimeSpan Retry => _cursor.Retry;

    /// <summary>The text of the latest connection's body so far, whether or not the test has read it.</summary>
    public string Body => _subscription.Transcript.Body;

    /// <summary>Everything that was on the wire so far, over all connections, line by line.</summary>
    /// <remarks>
    /// The line of a request begins with <c>&gt;</c>. The line of an answer or an end begins with <c>&lt;</c>. A line of the body begins
    /// with <c>|</c>. CR, LF and other control characters are visible. With <see cref="TestEventSourceOptions.Time"/>, each line has its
    /// time. The message of a failure shows it. A long wire is shortened.
    /// </remarks>
    public string Wire => _subscription.Transcript.ToString();

    /// <summary>Reads the next event, and skips comments and retries before it, as every client does.</summary>
    /// <returns>The event.</returns>
    /// <exception cref="EventStreamTestException">The stream ends first, or no event arrives in time.</exception>
    public Task<TestEvent> NextAsync() => NextAsync("the next event", _cursor.NewDeadline());

    /// <summary>Reads the next event, whose data is JSON.</summary>
    /// <typeparam name="T">The type of the data.</typeparam>
    /// <param name="options">
    /// How to read the JSON. Null: <see cref="JsonSerializerOptions.Web"/>, the default of ASP.NET Core.
    /// </param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is the type of a whole event, such as <see cref="TestEvent"/>, instead of the data's type.
    /// </exception>
    /// <exception cref="EventStreamTestException">As for <see cref="NextAsync()"/>, or the data is not JSON of this type.</exception>
    [OverloadResolutionPriority(1)] // Without it, a call with null or new() would be ambiguous between the overloads.
    [RequiresUnreferencedCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is trimmed.")]
    [RequiresDynamicCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is compiled ahead of time.")]
    public async Task<T> NextAsync<T>(JsonSerializerOptions? options = null)
    {
        ThrowIfEvent<T>();
        var next = await NextAsync().ConfigureAwait(false);
        return Read(next, data => JsonSerializer.Deserialize<T>(data, options ?? JsonSerializerOptions.Web));
    }

    /// <summary>Reads the next event, whose data is JSON.</summary>
    /// <typeparam name="T">The type of the data.</typeparam>
    /// <param name="jsonTypeInfo">How to read it.</param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is the type of a whole event, such as <see cref="TestEvent"/>, instead of the data's type.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="jsonTypeInfo"/> is null.</exception>
    /// <exception cref="EventStreamTestException">As for <see cref="NextAsync()"/>, or the data is not JSON of this type.</exception>
    public async Task<T> NextAsync<T>(JsonTypeInfo<T> jsonTypeInfo)
    {
        ArgumentNullException.ThrowIfNull(jsonTypeInfo);
        ThrowIfEvent<T>();
        return Read(await NextAsync().ConfigureAwait(false), data => JsonSerializer.Deserialize(data, jsonTypeInfo));
    }

    /// <summary>Reads the next comment, such as a keep-alive, and skips retries before it.</summary>
    /// <returns>The text after the colon.</returns>
    /// <exception cref="EventStreamTestException">An event or the end comes first, or no comment arrives in time.</exception>
    public async Task<string> NextCommentAsync() =>
        (await _cursor.TakeAsync<StreamItem.Comment>(
            "a comment",
            item => item is not StreamItem.Comment && (IsUnseen(item) || IsBetweenConnections(item)),
            _cursor.NewDeadline()).ConfigureAwait(false)).Text;

    /// <summary>Reads the next <c>retry</c>, and skips comments before it.</summary>
    /// <returns>The reconnection time.</returns>
    /// <exception cref="EventStreamTestException">An event or the end comes first, or no <c>retry</c> arrives in time.</exception>
    public async Task<TimeSpan> NextRetryAsync() =>
        (await _cursor.TakeAsync<StreamItem.Retry>(
            "a retry",
            item => item is not StreamItem.Retry && (IsUnseen(item) || IsBetweenConnections(item)),
            _cursor.NewDeadline()).ConfigureAwait(false)).Value;

    /// <summary>Reads a number of events.</summary>
    /// <param name="count">The number of events. Not negative.</param>
    /// <returns>The events.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="EventStreamTestException">The stream ends first, or not all events arrive in time.</exception>
    public async Task<IReadOnlyList<TestEvent>> CollectAsync(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var deadline = _cursor.NewDeadline();
        var events = new List<TestEvent>();
        while (events.Count < count) events.Add(await NextAsync($"event {events.Count + 1} of {count}", deadline).ConfigureAwait(false));
        return events;
    }

    /// <summary>Reads events up to and including the first that meets a condition.</summary>
    /// <param name="isLast">Whether an event is the last to read.</param>
    /// <returns>The events, including the last one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="isLast"/> is null.</exception>
    /// <exception cref="EventStreamTestException">The stream ends first, or the last event does not arrive in time.</exception>
    public async Task<IReadOnlyList<TestEvent>> CollectUntilAsync(Func<TestEvent, bool> isLast)
    {
        ArgumentNullException.ThrowIfNull(isLast);
        var deadline = _cursor.NewDeadline();
        var events = new List<TestEvent>();
        do
        {
            events.Add(await NextAsync($"the last event (after {events.Count} others)", deadline).ConfigureAwait(false));
        }
        while (!isLast(events[^1]));
        return events;
    }

    /// <summary>Reads events until the stream ends, cleanly.</summary>
    /// <returns>The events.</returns>
    /// <exception cref="EventStreamTestException">The stream is cut, or does not end in time.</exception>
    public async Task<IReadOnlyList<TestEvent>> CollectToEndAsync()
    {
        var deadline = _cursor.NewDeadline();
        var events = new List<TestEvent>();
        while (await _cursor.LookAsync($"the end (after {events.Count} events)", IsUnseen, deadline)
            .ConfigureAwait(false) is StreamItem.Event)
        {
            events.Add(((StreamItem.Event)_cursor.Take()).Value);
        }

        await ExpectEndAsync().ConfigureAwait(false);
        return events;
    }

    /// <summary>Expects that neither an event nor the end arrives for a time.</summary>
    /// <param name="span">How long, by the clock of the options if there is one, otherwise in real time. Not negative.</param>
    /// <param name="allowComments">
    /// Whether comments and retries may arrive, which no client shows its user. True by default.
    /// </param>
    /// <returns>A task that completes when the time has passed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="EventStreamTestException">An item arrived, now or earlier, and the test had not read it.</exception>
    public async Task ExpectSilenceAsync(TimeSpan span, bool allowComments = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var item = await _cursor.LookAsync(span, item => allowComments && (IsUnseen(item) || IsBetweenConnections(item)))
            .ConfigureAwait(false);
        if (item is not null) throw _cursor.Unexpected($"silence of {Failure.Show(span)}", item);
    }

    /// <summary>Expects that the stream ends cleanly next, and skips comments and retries before the end.</summary>
    /// <returns>A task that completes when the stream ends.</returns>
    /// <exception cref="EventStreamTestException">
    /// The stream is cut, or ends within an event; an event comes first; or the stream does not end in time.
    /// </exception>
    public Task ExpectEndAsync() => ExpectEndAsync("a clean end", static end => end.Fault is null && !end.IsUnfinished);

    /// <summary>Expects that the stream is cut next, and skips comments and retries before that.</summary>
    /// <remarks>A stream is cut if its connection breaks before the end of the body.</remarks>
    /// <returns>A task that completes when the stream is cut.</returns>
    /// <exception cref="EventStreamTestException">
    /// The stream ends cleanly; an event comes first; or the stream is not cut in time.
    /// </exception>
    public Task ExpectCutAsync() => ExpectEndAsync("a cut", static end => end.Fault is not null);

    /// <summary>Expects that the stream reconnects by itself (<see cref="TestEventSourceOptions.Reconnects"/>).</summary>
    /// <remarks>It skips the stream's end, comments and retries before that.</remarks>
    /// <returns>A task that completes when the next headers have arrived.</returns>
    /// <exception cref="EventStreamTestException">
    /// An event comes first; the answer is not a stream; or there is no answer in time.
    /// </exception>
    public Task ExpectReconnectAsync() =>
        _cursor.TakeAsync<StreamItem.Opened>("a reconnect", static item => IsUnseen(item) || item is StreamItem.End, _cursor.NewDeadline());

    /// <summary>Opens the next connection with <see cref="LastEventId"/>, as a browser does after a break.</summary>
    /// <remarks>
    /// It leaves the current connection first, and drops items that the test has not read, as if the break had come before them. With a
    /// clock, <see cref="Retry"/> passes first; otherwise there is no wait.
    /// </remarks>
    /// <param name="expectedStatus">The answer's status; 200 by default.</param>
    /// <returns>A task that completes when the headers have arrived.</returns>
    /// <exception cref="InvalidOperationException">The stream reconnects by itself.</exception>
    /// <exception cref="EventStreamTestException">There is no answer in time, or another one than expected.</exception>
    public async Task ReconnectAsync(HttpStatusCode expectedStatus = HttpStatusCode.OK)
    {
        if (_options.Reconnects)
        {
            throw new InvalidOperationException("This stream reconnects by itself. Call ExpectReconnectAsync, or leave Reconnects off.");
        }

        await _subscription.CloseAsync().ConfigureAwait(false);
        if (_options.Time is { } time) await time.AdvanceAsync(Subscription.DelayOf(Retry)).ConfigureAwait(false);
        await OpenAsync(LastEventId.Length > 0 ? LastEventId : null, expectedStatus).ConfigureAwait(false);
    }

    /// <summary>Leaves the stream: the server sees that its client is gone.</summary>
    /// <returns>A task that completes when the connection is closed.</returns>
    public ValueTask DisposeAsync() => _subscription.DisposeAsync();

    internal Task OpenAsync() => OpenAsync(_options.LastEventId, _options.ExpectedStatus);

    private static bool IsUnseen(StreamItem item) => item is StreamItem.Comment or StreamItem.Retry or StreamItem.Position;

    private bool IsBetweenConnections(StreamItem item) => _options.Reconnects && item is StreamItem.End or StreamItem.Opened;

    private async Task<TestEvent> NextAsync(string expected, Deadline deadline) =>
        (await _cursor.TakeAsync<StreamItem.Event>(expected, item => IsUnseen(item) || IsBetweenConnections(item), deadline)
            .ConfigureAwait(false)).Value;

    private async Task OpenAsync(string? lastEventId, HttpStatusCode expectedStatus)
    {
        await _subscription.OpenAsync(lastEventId, expectedStatus).ConfigureAwait(false);
        _cursor.Take();
    }

    private async Task ExpectEndAsync(string expected, Func<StreamItem.End, bool> isExpected)
    {
        var item = await _cursor.LookAsync(expected, IsUnseen, _cursor.NewDeadline()).ConfigureAwait(false);
        if (item is not StreamItem.End end || !isExpected(end)) throw _cursor.Unexpected(expected, item);
        if (_options.Reconnects) _cursor.Take();
    }

    private static void ThrowIfEvent<T>()
    {
        var isItem = typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(SseItem<>);
        if (!isItem && typeof(T) != typeof(TestEvent)) return;
        throw new NotSupportedException(
            $"NextAsync<{typeof(T).Name}>() would read the event's data as a whole event. "
            + "Call NextAsync() for the event, or name the type of its data.");
    }

    private T Read<T>(TestEvent next, Func<string, T?> read)
    {
        try
        {
            return read(next.Data)!;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw Failure.Of(
                $"JSON of {typeof(T).Name}",
                $"the data is '{VisibleText.Of(next.Data)}': {exception.Message}",
                _subscription.Transcript,
                inner: exception);
        }
    }
}
