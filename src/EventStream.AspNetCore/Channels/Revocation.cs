using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>A selector whose streams were ended; also an entry of the linked list <see cref="Revocations"/>.</summary>
/// <remarks>As a feature of a request, it is the newest revocation when the request began.</remarks>
/// <summary></summary>
/// <param name="list">The list that it is in.</param>
/// <param name="selector">The selector; null: every stream.</param>
internal sealed class Revocation(Revocations list, EventStreamSelector? selector)
{
    private volatile Revocation? _next;

    public Revocations List => list;

    /// <summary>The revocation after this one. Set under the list's lock.</summary>
    public Revocation? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>Whether a stream was revoked after this revocation.</summary>
    public bool IsBeforeOneOf(in StreamIdentity stream)
    {
        for (var later = Next; later is not null; later = later.Next)
        {
            if (later.IsOf(stream)) return true;
        }

        return false;
    }

    /// <summary>Removes this one from the list.</summary>
    /// <remarks>A request that still holds it counts as revoked, because it cannot see the later revocations.</remarks>
    /// <summary></summary>
    /// <returns>The next one.</returns>
    public Revocation CutOff()
    {
        var next = Next!;
        Next = new(list, selector: null);
        return next;
    }

    private bool IsOf(in StreamIdentity stream) => stream.IsSelectedBy(selector);
}
