using System.Data.Common;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A publisher of the app's own before the hub: values reach it as messages.</summary>
internal sealed class ForwardingPublisher(IEventStreamPublisher next) : IEventStreamPublisher
{
    [OverloadResolutionPriority(1)]
    public ValueTask<EventStreamPosition> PublishAsync(
        string channel, EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default) =>
        next.PublishAsync(channel, message, metadata, cancellationToken);

    public ValueTask PublishAsync(
        string channel,
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        next.PublishAsync(channel, message, transaction, metadata, cancellationToken);

    [OverloadResolutionPriority(1)]
    public ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        next.PublishBatchAsync(channel, messages, metadata, cancellationToken);

    public ValueTask PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        next.PublishBatchAsync(channel, messages, transaction, metadata, cancellationToken);
}
