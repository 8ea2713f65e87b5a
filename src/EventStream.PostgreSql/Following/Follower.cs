using System.Runtime.CompilerServices;
using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Following;

/// <summary>Turns notifications into hints, and adds a hint for all channels at each poll, in case a notification was lost.</summary>
internal sealed class Follower(LogDatabase database)
{
    public async IAsyncEnumerable<EventStreamLogHint> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var listening = await NotificationConnection.BeginAsync(database, cancellationToken);

        // Before the proof, which takes long if no notification arrives. Subscribers wait for messages from before the node listened.
        yield return new(null);
        await listening.ProveAsync(cancellationToken);
        while (true)
        {
            var (texts, isPoll) = await listening.ReceiveAsync(cancellationToken);
            foreach (var text in texts)
            {
                foreach (var hint in HintText.Read(text)) yield return hint;
            }

            if (isPoll) yield return new(null);
        }
    }
}
