using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventStream.AspNetCore;
using EventStream.Testing.Publishing;
using Microsoft.AspNetCore.Http.Json;

namespace EventStream.Testing;

/// <summary>A publisher for unit tests: it remembers what is published, and delivers nothing.</summary>
/// <remarks>
/// <para>
/// It checks and encodes as <see cref="EventStreamHub"/> does. What a hub refuses, it refuses with the same exception: an id, an empty
/// message, a reserved event, a value that is no payload. Each channel exists when it is first published to. A message that is published
/// again under its idempotency key gets its first position, and is remembered again.
/// </para>
/// <para>Any thread may call any member. Nothing needs to be disposed of.</para>
/// </remarks>
public sealed class RecordingPublisher : IEventStreamPublisher
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    private readonly CheckedChannels _channels;
    private readonly JsonSerializerOptions _json;
    private readonly Lock _gate = new();

    // Under _gate, in which each call publishes, so that positions rise in the order of the messages.
    private readonly List<RecordedMessage> _messages = [];
    private volatile Exception? _failure;

    // Under _gate: completed with the next message.
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failedCalls;

    /// <summary>Makes a publisher that has published nothing.</summary>
    /// <param name="configure">
    /// Sets what a message may be in every channel, such as <see cref="EventStreamChannelOptions.Protocol"/> with allowed events.
    /// Null, the default, is what a channel has by default, with the largest <see cref="EventStreamChannelOptions.MaxBytes"/>.
    /// </param>
    /// <param name="jsonOptions">How values become JSON. Null, the default, is what minimal APIs have by default.</param>
    public RecordingPublisher(Action<EventStreamChannelOptions>? configure = null, JsonSerializerOptions? jsonOptions = null)
    {
        _channels = new(configure);
        _json = jsonOptions ?? new JsonOptions().SerializerOptions;
    }

    /// <summary>What every call throws instead of publishing, such as an <see cref="EventStreamLogException"/> for an outage.</summary>
    /// <value>Null by default: nothing. It may be set and reset at any time.</value>
    public Exception? Failure
    {
        get => _failure;
        set => _failure = value;
    }

    /// <summary>All messages so far, in the order in which they were published: a copy.</summary>
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

    /// <summary>Waits until a message was published, for code that publishes on a thread of its own.</summary>
    /// <param name="isWanted">Chooses the message. It is asked about all messages so far, and about those that follow.</param>
    /// <param name="timeout">How long to wait, in real time. Null, the default, is 10 s.</param>
    /// <returns>The first message that is wanted.</returns>
    /// <exception cref="EventStreamTestException">None was published in time; the text has those that were.</exception>
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

    /// <summary>Forgets the messages so far. Positions go on.</summary>
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
    /// <remarks>The message is remembered at once, whatever becomes of the transaction.</remarks>
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
    /// <remarks>The messages are remembered at once, whatever becomes of the transaction.</remarks>
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

    /// <summary>The message with its data as text now: an object in it may change later.</summary>
    private EventStreamMessage AsText(EventStreamMessage message) =>
        message.Data.HasValue ? message with { Data = message.Data.GetText(_json) } : message;
}
