using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Testing.Reading;

namespace EventStream.Testing;

/// <summary>
/// An event source for tests: reads what comes in the order in which it came, and fails with the wire so far where something else came, or
/// nothing within
/// <see cref="TestEventSourceOptions.Timeout"/>.
/// </summary>
/// <remarks>
/// Opened by <c>client.OpenEventStreamAsync(url)</c>. For one test at a time: no two calls at once. Dispose of it to leave, as a browser's
/// <c>close()</c> does.
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

    /// <summary>The answer of the latest connection: its status, its headers, and, where it is no stream, its body.</summary>
    public HttpResponseMessage Response => _subscription.Response!;

    /// <summary>The position after what the test has read so far; empty if there is none. A reconnect asks for it.</summary>
    public string LastEventId => _cursor.LastEventId;

    /// <summary>
    /// The time to wait before a reconnect, by what the test has read so far.
    /// </summary>
    /// <value>3 s until the server sets another.</value>
    public TimeSpan Retry => _cursor.Retry;

    /// <summary>The body of the latest connection so far, read or not: its text as it came, to the last character.</summary>
    public string Body => _subscription.Transcript.Body;

    /// <summary>
    /// All that has been on the wire so far, over all connections, line by line: <c>&gt;</c> what was asked, <c>&lt;</c> how it was
    /// answered and ended, <c>|</c> what came, with CR, LF and other control characters visible. With
    /// <see cref="TestEventSourceOptions.Time"/>, each line says when it came. A failure shows it; a long one is shortened.
    /// </summary>
    public string Wire => _subscription.Transcript.ToString();

    /// <summary>Reads the next event; comments and retries before it are passed over, as every client does.</summary>
    /// <returns>The event.</returns>
    /// <exception cref="EventStreamTestException">The stream ends first, or nothing comes in time.</exception>
    public Task<TestEvent> NextAsync() => NextAsync("the next event", _cursor.NewDeadline());

    /// <summary>Reads the next event, whose data is JSON.</summary>
    /// <typeparam name="T">What the data is read as.</typeparam>
    /// <param name="options">
    /// How to read it. Null: as ASP.NET Core does by default, <see cref="JsonSerializerOptions.Web"/>.
    /// </param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is a whole event, such as <see cref="TestEvent"/>, and not the type of the data.
    /// </exception>
    /// <exception cref="EventStreamTestException">As for <see cref="NextAsync()"/>, or the data is no such JSON.</exception>
    [OverloadResolutionPriority(1)] // For null and new(), which could be meant for either overload.
    [RequiresUnreferencedCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is trimmed.")]
    [RequiresDynamicCode("JSON is read by reflection. Use the overload with a JsonTypeInfo where code is compiled ahead of time.")]
    public async Task<T> NextAsync<T>(JsonSerializerOptions? options = null)
    {
        ThrowIfEvent<T>();
        var next = await NextAsync().ConfigureAwait(false);
        return Read(next, data => JsonSerializer.Deserialize<T>(data, options ?? JsonSerializerOptions.Web));
    }

    /// <summary>Reads the next event, whose data is JSON.</summary>
    /// <typeparam name="T">What the data is read as.</typeparam>
    /// <param name="jsonTypeInfo">How to read it.</param>
    /// <returns>The data; null where it is the JSON literal <c>null</c>.</returns>
    /// <exception cref="NotSupportedException">
    /// <typeparamref name="T"/> is a whole event, such as <see cref="TestEvent"/>, and not the type of the data.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="jsonTypeInfo"/> is null.</exception>
    /// <exception cref="EventStreamTestException">As for <see cref="NextAsync()"/>, or the data is no such JSON.</exception>
    public async Task<T> NextAsync<T>(JsonTypeInfo<T> jsonTypeInfo)
    {
        ArgumentNullException.ThrowIfNull(jsonTypeInfo);
        ThrowIfEvent<T>();
        return Read(await NextAsync().ConfigureAwait(false), data => JsonSerializer.Deserialize(data, jsonTypeInfo));
    }

    /// <summary>Reads the next comment, such as a keep-alive; retries before it are passed over.</summary>
    /// <returns>The text after the colon.</returns>
    /// <exception cref="EventStreamTestException">An event or the end comes first, or nothing in time.</exception>
    public async Task<string> NextCommentAsync() =>
        (await _cursor.TakeAsync<StreamItem.Comment>(
            "a comment",
            item => item is not StreamItem.Comment && (IsUnseen(item) || IsBetweenConnections(item)),
            _cursor.NewDeadline()).ConfigureAwait(false)).Text;

    /// <summary>Reads the next <c>retry</c>; comments before it are passed over.</summary>
    /// <returns>The time to wait before a reconnect.</returns>
    /// <exception cref="EventStreamTestException">An event or the end comes first, or nothing in time.</exception>
    public async Task<TimeSpan> NextRetryAsync() =>
        (await _cursor.TakeAsync<StreamItem.Retry>(
            "a retry",
            item => item is not StreamItem.Retry && (IsUnseen(item) || IsBetweenConnections(item)),
            _cursor.NewDeadline()).ConfigureAwait(false)).Value;

    /// <summary>Reads so many events.</summary>
    /// <param name="count">How many. Not negative.</param>
    /// <returns>The events.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="EventStreamTestException">The stream ends first, or not all come in time.</exception>
    public async Task<IReadOnlyList<TestEvent>> CollectAsync(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var deadline = _cursor.NewDeadline();
        var events = new List<TestEvent>();
        while (events.Count < count) events.Add(await NextAsync($"event {events.Count + 1} of {count}", deadline).ConfigureAwait(false));
        return events;
    }

    /// <summary>Reads events until one is as asked for.</summary>
    /// <param name="isLast">Whether an event is the last to read.</param>
    /// <returns>The events, that one included.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="isLast"/> is null.</exception>
    /// <exception cref="EventStreamTestException">The stream ends first, or that one does not come in time.</exception>
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

    /// <summary>
    /// Expects that no event comes, and no end. With a clock, <paramref name="span"/> passes on it; otherwise in real time.
    /// </summary>
    /// <param name="span">How long. Not negative.</param>
    /// <param name="allowComments">
    /// Whether comments and retries may come, which no client shows its user. True; with false they may not.
    /// </param>
    /// <returns>A task that ends when the time has passed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    /// <exception cref="EventStreamTestException">Something came, now or earlier, and was not read.</exception>
    public async Task ExpectSilenceAsync(TimeSpan span, bool allowComments = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var item = await _cursor.LookAsync(span, item => allowComments && (IsUnseen(item) || IsBetweenConnections(item)))
            .ConfigureAwait(false);
        if (item is not null) throw _cursor.Unexpected($"silence of {Failure.Show(span)}", item);
    }

    /// <summary>Expects that the stream ends cleanly, as the next thing; comments and retries before it are passed over.</summary>
    /// <returns>A task that ends with the stream.</returns>
    /// <exception cref="EventStreamTestException">
    /// The stream is cut, or ends within an event; an event comes first; or nothing in time.
    /// </exception>
    public Task ExpectEndAsync() => ExpectEndAsync("a clean end", static end => end.Fault is null && !end.IsUnfinished);

    /// <summary>
    /// Expects that the stream is cut, as the next thing: the connection breaks without the end of the body. Comments and retries before it
    /// are passed over.
    /// </summary>
    /// <returns>A task that ends with the stream.</returns>
    /// <exception cref="EventStreamTestException">The stream ends cleanly; an event comes first; or nothing in time.</exception>
    public Task ExpectCutAsync() => ExpectEndAsync("a cut", static end => end.Fault is not null);

    /// <summary>
    /// Expects that the stream is opened again by <see cref="TestEventSourceOptions.Reconnects"/>; its end, comments and retries before
    /// that are passed over.
    /// </summary>
    /// <returns>A task that ends when the next headers are there.</returns>
    /// <exception cref="EventStreamTestException">An event comes first; the answer is no stream; or there is none in time.</exception>
    public Task ExpectReconnectAsync() =>
        _cursor.TakeAsync<StreamItem.Opened>("a reconnect", static item => IsUnseen(item) || item is StreamItem.End, _cursor.NewDeadline());

    /// <summary>
    /// Leaves the connection if it is still open, and opens the next one with <see cref="LastEventId"/>, as a browser does after a break.
    /// What had come and was not read is
    /// forgotten: the break was before it. With a clock, <see cref="Retry"/> passes first; otherwise there is no wait.
    /// </summary>
    /// <param name="expectedStatus">The answer's status. <value>200.</value></param>
    /// <returns>A task that ends when the headers are there.</returns>
    /// <exception cref="InvalidOperationException">The stream reconnects by itself.</exception>
    /// <exception cref="EventStreamTestException">There is no answer in time, or another than expected.</exception>
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
    /// <returns>A task that ends when the connection is closed.</returns>
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
