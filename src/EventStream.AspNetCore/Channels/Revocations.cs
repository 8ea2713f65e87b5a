namespace EventStream.AspNetCore.Channels;

/// <summary>The revocations of this process, in their order.</summary>
/// <remarks>
/// A request is authorized before its stream can be found. Without this list, a revocation in between would find no stream, and the stream
/// would continue. The protocol:
/// <list type="number">
/// <item>A request captures the newest revocation before its first policy is checked; see <see cref="RevocationCapture"/>.</item>
/// <item>Its stream joins a channel's subscribers, <see cref="OpeningList"/>, or <see cref="Responses.PlainStreams"/>. From then on a
/// revocation finds it.</item>
/// <item>The stream reads the revocations that were added after its capture, and ends if one of them selects it.</item>
/// <item>A revocation is added here first. Then the streams that have joined are ended.</item>
/// <item>A stream checks whether it was ended, after it has read a message and before it writes it.</item>
/// </list>
/// Steps 2 and 4 take the same lock. If step 4 takes it first, step 3 finds the revocation; otherwise step 4 finds the stream.
/// A message that is published after step 4 is also read after step 4, so step 5 prevents its delivery.
/// </remarks>
internal sealed class Revocations
{
    // A bound, because a request such as a WebSocket may hold its capture for days, and with it all later revocations.
    private const int MostKept = 4096;

    private readonly Lock _gate = new();

    // All under _gate; _newest is also read without it.
    private Revocation _oldest;
    private Revocation _newest;
    private int _count;

    public Revocations() => _oldest = _newest = new(this, selector: null);

    /// <summary>The newest revocation, for a reader without a request.</summary>
    public Revocation Newest => Volatile.Read(ref _newest);

    /// <summary>Adds a revocation.</summary>
    /// <param name="selector">The selector of the streams; null: every stream.</param>
    public Revocation Add(EventStreamSelector? selector)
    {
        var added = new Revocation(this, selector);
        lock (_gate)
        {
            _newest.Next = added;
            Volatile.Write(ref _newest, added);
            if (++_count <= MostKept) return added;
            _count--;
            _oldest = _oldest.CutOff();
            return added;
        }
    }

    /// <summary>Captures the newest revocation for a request, unless it has a capture already.</summary>
    public void Capture(HttpContext context)
    {
        if (!HasCapture(context)) context.Features.Set(Newest);
    }

    /// <summary>The revocation that was the newest when the request was captured; the newest now if it was not captured.</summary>
    public Revocation CaptureOf(HttpContext context)
    {
        Capture(context);
        return context.Features.Get<Revocation>()!;
    }

    /// <summary>Drops a request's capture, which would hold all later revocations for as long as the stream.</summary>
    public static void Drop(HttpContext context) => context.Features.Set<Revocation>(null);

    // A capture by another app, whose pipeline the request passed before, is of that app's list.
    private bool HasCapture(HttpContext context) => context.Features.Get<Revocation>()?.List == this;
}
