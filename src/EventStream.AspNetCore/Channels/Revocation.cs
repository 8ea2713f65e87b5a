namespace EventStream.AspNetCore.Channels;

/// <summary>A user whose streams were ended. As a feature of a request: the newest when the request began.</summary>
/// <param name="list">The list that it is in.</param>
/// <param name="user">The user; null: every user.</param>
internal sealed class Revocation(Revocations list, string? user)
{
    private volatile Revocation? _next;

    public Revocations List => list;

    /// <summary>The revocation after this one. Set under the list's lock.</summary>
    public Revocation? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>Whether a user was revoked since.</summary>
    public bool IsBeforeOneOf(string other)
    {
        for (var later = Next; later is not null; later = later.Next)
        {
            if (later.IsOf(other)) return true;
        }

        return false;
    }

    /// <summary>Takes this one out of the list. A request that still holds it counts as revoked, because it cannot know better.</summary>
    /// <returns>The next one.</returns>
    public Revocation CutOff()
    {
        var next = Next!;
        Next = new(list, user: null);
        return next;
    }

    private bool IsOf(string other) => user is null || user == other;
}
