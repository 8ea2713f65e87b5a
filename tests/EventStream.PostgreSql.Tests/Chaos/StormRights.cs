using System.Collections.Concurrent;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>The rights of a storm's streams, each with its generation, and when each generation was revoked.</summary>
/// <remarks>A right is named after what a selector selects, such as <c>user:7</c> or <c>user:7/storm/1</c>.</remarks>
internal sealed class StormRights(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<string, int> _generations = [];
    private readonly ConcurrentDictionary<string, bool> _changing = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<(int Generation, Revoked By)>> _revoked = [];

    public static async Task<StormRights> CreateAsync(string database)
    {
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 8 });
        await using var command = source.CreateCommand("CREATE TABLE rights (name text PRIMARY KEY, generation int NOT NULL)");
        await command.ExecuteNonQueryAsync();
        return new(source);
    }

    /// <summary>The generation with which a request opens a stream now.</summary>
    public int GenerationOf(string right) => _generations.GetValueOrDefault(right);

    /// <summary>Takes a right away, and then disconnects the streams that were opened with it.</summary>
    /// <param name="right">The right.</param>
    /// <param name="disconnect">Disconnects them; returns null if the outcome is unknown.</param>
    /// <returns>Null if the outcome is unknown, or another call does the same.</returns>
    public async Task<Revoked?> RevokeAsync(string right, Func<Task<Revoked?>> disconnect)
    {
        if (!_changing.TryAdd(right, true)) return null;
        try
        {
            var ended = GenerationOf(right);
            await using var command = database.CreateCommand(
                "INSERT INTO rights VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET generation = $2");
            command.Parameters.Add(new() { Value = right });
            command.Parameters.Add(new() { Value = ended + 1 });
            await command.ExecuteNonQueryAsync();
            _generations[right] = ended + 1;
            var revoked = await disconnect();
            if (revoked is not null) _revoked.GetOrAdd(right, _ => []).Add((ended, revoked));
            return revoked;
        }
        finally
        {
            _changing.TryRemove(right, out _);
        }
    }

    /// <summary>Gets the revocations of a right that end a stream which was opened with a generation of it.</summary>
    public IEnumerable<Revoked> RevocationsOf(string right, int generation) =>
        _revoked.GetValueOrDefault(right)?.Where(revoked => revoked.Generation >= generation).Select(revoked => revoked.By) ?? [];

    /// <summary>A call that has returned.</summary>
    /// <param name="At">When, by the clock of the messages.</param>
    /// <param name="IsConfirmed">Whether it named no node.</param>
    public sealed record Revoked(long At, bool IsConfirmed)
    {
        /// <summary>When the call began; the streams of its node end then.</summary>
        public long Began { get; init; }
    }
}
