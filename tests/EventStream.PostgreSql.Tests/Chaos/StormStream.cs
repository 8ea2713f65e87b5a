using System.Collections.Concurrent;
using System.Net;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>One stream of a storm, and the newest message that it got.</summary>
internal sealed class StormStream
{
    public const int Users = 100;
    public const int Sessions = 3;
    public const int Channels = 4;

    private StormStream(string[] channels, string? user, string? session, (string Right, int Generation)[] rights) =>
        (ChannelNames, User, Session, Rights) = (channels, user, session, rights);

    public string[] ChannelNames { get; }

    /// <summary>Null if it is anonymous.</summary>
    public string? User { get; }

    public string? Session { get; }

    public (string Right, int Generation)[] Rights { get; }

    public string? ConnectionId { get; private set; }

    public Uri? Node { get; private set; }

    /// <summary>When its newest message was made; 0 before the first.</summary>
    public long Newest { get; private set; }

    public int Messages { get; private set; }

    /// <summary>The call that ended its connection's streams; null if there was none.</summary>
    public StormRights.Revoked? OfConnection { get; set; }

    /// <summary>Makes a stream of a random user, session and kind.</summary>
    public static StormStream Draw(Random random, StormRights rights, int users)
    {
        string[] channels = random.Next(4) switch
        {
            0 => [],
            1 => [$"storm/{random.Next(Channels)}"],
            2 => [$"storm-here/{random.Next(Channels)}"],
            _ => [$"storm/{random.Next(Channels)}", $"storm-here/{random.Next(Channels)}"],
        };
        var isAnonymous = random.Next(10) == 0;
        var user = isAnonymous ? null : $"{random.Next(users)}";
        var session = isAnonymous ? null : $"{user}.{random.Next(Sessions)}";
        List<string> names = [.. channels.Select(channel => $"channel:{channel}")];
        if (user is not null) names.AddRange([$"user:{user}", $"session:{session}", .. channels.Select(c => $"user:{user}/{c}")]);
        if (names.Count == 0) names.Add("nothing");
        return new(channels, user, session, [.. names.Select(name => (name, rights.GenerationOf(name)))]);
    }

    /// <summary>Opens it, and reads it until it ends or the token is cancelled.</summary>
    /// <returns>False if it was refused, or its node went away first.</returns>
    public async Task<bool> ReadAsync(HttpClient client, Uri node, ConcurrentDictionary<StormStream, bool> open, CancellationToken stop)
    {
        var path = ChannelNames.Length == 0 ? "/storm/plain" : $"/storm/channels?channel={string.Join("&channel=", ChannelNames)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, path));
        request.Headers.Add("X-Rights", string.Join(' ', Rights.Select(right => $"{right.Right}={right.Generation}")));
        if (User is not null) request.Headers.Add("X-User", User);
        if (Session is not null) request.Headers.Add("X-Session", Session);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.StatusCode == HttpStatusCode.Forbidden) return false;
            response.EnsureSuccessStatusCode();
            (Node, ConnectionId) = (node, response.Headers.GetValues("X-Connection").Single());
            open[this] = true;
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                if (!line.StartsWith("data: ", StringComparison.Ordinal) || !long.TryParse(line.AsSpan(6), out var made)) continue;
                Newest = Math.Max(Newest, made);
                Messages++;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
        }
        finally
        {
            open.TryRemove(this, out _);
        }

        return Node is not null;
    }
}
