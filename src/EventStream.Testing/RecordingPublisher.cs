using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventStream.AspNetCore;
using EventStream.Testing.Publishing;
using Microsoft.AspNetCore.Http.Json;

namespace EventStream.Testing;

/// <summary>A publisher for unit tests, which records messages and delivers none.</summary>
/// <remarks>
/// <para>
/// It checks and encodes messages as <see cref="EventStreamHub"/> does. It throws the same exceptions for an id, an empty message, a
/// reserved event, or a value that is not a payload. A channel exists as soon as a test publishes to it. A message that is published
/// again with its idempotency key gets its first position, and is recorded again.
/// </para>
/// <para>Safe from any thread. There is nothing to dispose of.</para>
/// </remarks>
public sealed class RecordingPublisher : IEventStreamPublisher
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    private readonly CheckedChannels _channels;
    private readonly JsonSerializerOptions _json;
    private readonly Lock _gate = new();

    // Guarded by _gate. Each call publishes under it, so that positions rise in the order of the messages.
    private readonly List<RecordedMessage> _messages = [];
    private volatile Exception? _failure;

    // Guarded by _gate. Completed with the next message.
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failedCalls;

    /// <summary>Creates a publisher without messages.</summary>
    /// <param name="configure">
    /// Sets the options of every channel, for example <see cref="EventStreamChannelOptions.Protocol"/> with allowed events. Null, the
    /// default: a channel's defaults, with the largest <see cref="EventStreamChannelOptions.MaxBytes"/>.
    /// </param>
    /// <param name="jsonOptions">How values become JSON. Null, the default: the defaults of minimal APIs.</param>
    public RecordingPublisher(Action<EventStreamChannelOptions>? configure = null, JsonSerializerOptions? jsonOptions = null)
    {
        _channels = new(configure);
        _json = jsonOptions ?? new JsonOptions().SerializerOptions;
    }

    /// <summary>The exception that every call throws instead of publishing.</summary>
    /// <value>Null by default: calls publish. It may be set and reset at any time.</value>
    /// <remarks>For example an <see cref="EventStreamLogException"/>, to test an outage.</remarks>
    public Exception? Failure
    {
        get => _failure;
        set => _failure = value;
    }

    /// <summary>All messages so far, in the order of their publication: a copy.</summary>
    public IReadOnlyList<RecordedMessage> Messages
    {
        get
        {
            lock (_gate) return [.. _messages];
        }
    }

    /// <summary>The messages of one channel so far, in their order: a copy.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <exception cref="ArgumentException"><paramref name="channel"/> is empty.</exception>
    public IReadOnlyList<RecordedMessage> PublishedTo(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        lock (_gate) return [.. _messages.Where(message => message.Channel == channel)];
    }

    /// <summary>How many calls have thrown <see cref="Failure"/> so far.</summary>
    public int FailedCalls
    {
        get
        {
            lock (_gate) return _failedCalls;
        }
    }

    /// <summary>Waits until a message has been published, for code that publishes on another thread.</summary>
    /// <param name="isWanted">Chooses the message. It is called for all messages so far, and for each later one.</param>
    /// <param name="timeout">How long to wait, in real time. Null, the default, is 10 s.</param>
    /// <returns>The first message that <paramref name="isWanted"/> chooses.</returns>
    /// <exception cref="EventStreamTestException">None was published in time. The message lists those that were.</exception>
    public async Task<RecordedMessage> WaitForAsync(Func<RecordedMessage, bool> isWanted, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        var (limit, began) = (timeout ?? DefaultTimeout, TimeProvider.System.GetTimestamp());
        while (true)
        {
            Task changed;
            RecordedMessage[] messages;
            lock (_gate) (changed, messages) = (_changed.Task, [.. _messages]);
            if (Array.Find(messages, message => isWanted(message)) is { } found) return found;
            var left = limit - TimeProvider.System.GetElapsedTime(began);
            await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (changed.IsCompleted) continue;
            throw new EventStreamTestException(
                $"Expected a message to be published within {limit.TotalSeconds} s, but only these were: "
                + $"{string.Join("; ", messages.AsEnumerable())}.");
        }
    }

    /// <summary>Removes the messages so far. Positions continue.</summary>
    public void Clear()
    {
        lock (_gate) _messages.Clear();
    }

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<EventStreamPosition> PublishAsync(
        string channel, EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default)
    {
        var text = AsText(message);
        lock (_gate)
        {
            Check(cancellationToken);
            var position = _channels.Publish(channel, text, metadata);
            Add(new(channel, message, text, metadata, position, transaction: null));
            return new(position);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The message is recorded at once, whether or not the transaction is committed.</remarks>
    public ValueTask PublishAsync(
        string channel,
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var text = AsText(message);
        lock (_gate)
        {
            Check(cancellationToken);
            CheckedChannels.CheckOutlivesTheProcess(metadata);
            _channels.Publish(channel, text, metadata);
            Add(new(channel, message, text, metadata, position: null, transaction));
            return default;
        }
    }

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        var (all, texts) = AsTexts(messages);
        lock (_gate)
        {
            Check(cancellationToken);
            var positions = _channels.Publish(channel, texts, metadata);
            for (var i = 0; i < all.Length; i++)
            {
                Add(new(channel, all[i], texts[i], metadata, positions[i], transaction: null));
            }

            return new(positions);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The messages are recorded at once, whether or not the transaction is committed.</remarks>
    public ValueTask PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var (all, texts) = AsTexts(messages);
        lock (_gate)
        {
            Check(cancellationToken);
            CheckedChannels.CheckOutlivesTheProcess(metadata);
            _channels.Publish(channel, texts, metadata);
            for (var i = 0; i < all.Length; i++)
            {
                Add(new(channel, all[i], texts[i], metadata, position: null, transaction));
            }

            return default;
        }
    }

    private void Check(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_failure is not { } failure) return;
        _failedCalls++;
        throw failure;
    }

    // Under _gate.
    private void Add(RecordedMessage message)
    {
        _messages.Add(message);
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private (EventStreamMessage[] Messages, EventStreamMessage[] Texts) AsTexts(IEnumerable<EventStreamMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        EventStreamMessage[] all = [.. messages];
        return (all, Array.ConvertAll(all, AsText));
    }

    /// <summary>Records the message with its data as text, because an object in it may change later.</summary>
    private EventStreamMessage AsText(EventStreamMessage message) =>
        message.Data.HasValue ? message with { Data = message.Data.GetText(_json) } : message;
}
