using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>A selector whose streams were ended; also an entry of the linked list <see cref="Revocations"/>.</summary>
/// <remarks>As a feature of a request, it is the newest revocation when the request began.</remarks>
/// <param name="list">The list that it is in.</param>
/// <param name="selector">The selector; null: every stream, because it is unknown which were to end.</param>
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

    /// <summary>Why the streams end that it selects.</summary>
    public EndReason EndReason => selector is null ? EndReason.RevocationMissed : EndReason.Disconnected;

    /// <summary>Gets the first revocation after this one that selects a stream; null if there is none.</summary>
    public Revocation? FirstOf(in StreamIdentity stream)
    {
        for (var later = Next; later is not null; later = later.Next)
        {
            if (later.Selects(stream)) return later;
        }

        return null;
    }

    /// <summary>Whether it selects a stream. Any thread may call it.</summary>
    public bool Selects(in StreamIdentity stream) => stream.IsSelectedBy(selector);

    /// <summary>Removes this one from the list.</summary>
    /// <remarks>A request that still holds it counts as revoked, because it cannot see the later revocations.</remarks>
    /// <returns>The next one.</returns>
    public Revocation CutOff()
    {
        var next = Next!;
        Next = new(list, selector: null);
        return next;
    }
}
