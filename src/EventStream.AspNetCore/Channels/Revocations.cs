namespace EventStream.AspNetCore.Channels;

/// <summary>The revocations of this process, in their order.</summary>
/// <remarks>
/// A request reads the user's rights some time before its stream can be found by its user. Without this list, a revocation in between
/// would find no stream, and the stream would go on. The protocol:
/// <list type="number">
/// <item>A request captures the newest revocation before its first policy is asked; see <see cref="RevocationCapture"/>.</item>
/// <item>Its stream joins a channel's subscribers, or <see cref="OpeningList"/>. From now on a revocation finds it.</item>
/// <item>The stream looks through the revocations added since its capture, and ends if its user is among them.</item>
/// <item>A revocation is added here first. Then the streams that have joined are ended.</item>
/// <item>A stream looks whether it was ended after it has read a message, and before it writes it.</item>
/// </list>
/// Steps 2 and 4 take the same lock. If step 4 takes it first, step 3 finds the revocation; otherwise step 4 finds the stream.
/// A message that is published after step 4 is also read after step 4, so step 5 keeps it back.
/// </remarks>
internal sealed class Revocations
{
    // A request may hold its capture for days, as a WebSocket does, and all that follows with it.
    private const int MostKept = 4096;

    private readonly Lock _gate = new();

    // All under _gate; _newest is read without it as well.
    private Revocation _oldest;
    private Revocation _newest;
    private int _count;

    public Revocations() => _oldest = _newest = new(this, user: null);

    /// <summary>The newest revocation, for a reader that is no request.</summary>
    public Revocation Newest => Volatile.Read(ref _newest);

    /// <summary>Adds a revocation.</summary>
    /// <param name="user">The user; null: every user.</param>
    public void Add(string? user)
    {
        var added = new Revocation(this, user);
        lock (_gate)
        {
            _newest.Next = added;
            Volatile.Write(ref _newest, added);
            if (++_count <= MostKept) return;
            _count--;
            _oldest = _oldest.CutOff();
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

    // The capture of another app, whose pipeline the request came through first, says nothing about this one.
    private bool HasCapture(HttpContext context) => context.Features.Get<Revocation>()?.List == this;
}
