using System.Buffers;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Channels;

/// <summary>A subscriber of several channels, which reads the channels with messages in turn.</summary>
internal sealed class MergedCursor(Subscriber[] subscribers) : FrameCursor
{
    // The subscriber that was ready last, and whether it has messages to write.
    private int _current = -1;
    private bool _hasCurrent;

    public override string? CurrentId => null;

    public override int CurrentCount => _hasCurrent ? subscribers[_current].CurrentCount : 0;

    public override string? LastId => subscribers[0].LastId;

    public override EventStreamProtocol Protocol => subscribers[0].Protocol;

    public override bool IsFinal => true;

    public override string? ChannelName => subscribers[0].ChannelName;

    public override IEnumerable<ChannelPolicy> Policies => subscribers.SelectMany(subscriber => subscriber.Policies);

    public override EndReason EndReason =>
        Array.Find(subscribers, subscriber => subscriber.EndReason != EndReason.Finished)?.EndReason ?? EndReason.Finished;

    public override PollResult Poll(StreamSignal signal)
    {
        _hasCurrent = false;
        var ended = 0;
        for (var turn = 1; turn <= subscribers.Length; turn++)
        {
            var next = (_current + turn) % subscribers.Length;
            switch (subscribers[next].Poll(signal))
            {
                case PollResult.Ready:
                    _current = next;
                    _hasCurrent = true;
                    return PollResult.Ready;
                case PollResult.Ended:
                    ended++;
                    break;
            }
        }

        return ended == subscribers.Length || (ended > 0 && EndReason != EndReason.Finished) ? PollResult.Ended : PollResult.Pending;
    }

    public override int WriteCurrent(IBufferWriter<byte> output) => _hasCurrent ? subscribers[_current].WriteCurrent(output) : 0;

    public override int SkipCurrent(IBufferWriter<byte> output) => _hasCurrent ? subscribers[_current].SkipCurrent(output) : 0;

    public override void Interrupt() => Array.ForEach(subscribers, subscriber => subscriber.Interrupt());

    // All at once, because an OnGap that does not return must not keep the others in their channels.
    public override ValueTask DisposeAsync() =>
        new(Task.WhenAll(Array.ConvertAll(subscribers, subscriber => subscriber.DisposeAsync().AsTask())));
}
