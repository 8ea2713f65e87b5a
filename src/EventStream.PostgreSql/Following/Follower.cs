using System.Runtime.CompilerServices;
using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Following;

/// <summary>Tells of what notifications tell, and now and then that anything may be new, in case one was lost.</summary>
internal sealed class Follower(LogDatabase database)
{
    public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var listening = await Listening.BeginAsync(database, cancellationToken);

        // Before the proof, which takes long where nothing arrives. Subscribers wait for what was written before the node listened.
        yield return new(null);
        await listening.ProveAsync(cancellationToken);
        while (true)
        {
            var (texts, isPoll) = await listening.HearAsync(cancellationToken);
            foreach (var text in texts)
            {
                foreach (var hint in HintText.Read(text)) yield return hint;
            }

            if (isPoll) yield return new(null);
        }
    }
}
