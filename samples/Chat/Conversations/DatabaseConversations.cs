using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Chat.Conversations;

/// <summary>The chats of all nodes, in a table of PostgreSQL.</summary>
internal sealed class DatabaseConversations(NpgsqlDataSource database) : IConversationStore, IHostedService
{
    private const string Table = """
        -- The nodes start at once; the lock lasts as long as the transaction of these statements.
        SELECT pg_advisory_xact_lock(hashtext('Chat tables'));
        CREATE TABLE IF NOT EXISTS conversations (id text PRIMARY KEY, conversation jsonb NOT NULL);
        """;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Table);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<Conversation?> FindAsync(string id)
    {
        await using var command = database.CreateCommand("SELECT conversation::text FROM conversations WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        var json = (string?)await command.ExecuteScalarAsync();
        return json is null ? null : JsonSerializer.Deserialize<Conversation>(json, JsonSerializerOptions.Web);
    }

    public async Task SaveAsync(Conversation conversation)
    {
        await using var command = database.CreateCommand("""
            INSERT INTO conversations VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET conversation = excluded.conversation
            """);
        command.Parameters.Add(new() { Value = conversation.Id });
        command.Parameters.Add(Json(conversation));
        await command.ExecuteNonQueryAsync();
    }

    public async Task SaveAnswerAsync(Conversation conversation, UIMessage answer)
    {
        await using var command = database.CreateCommand("""
            UPDATE conversations SET conversation = jsonb_set(conversation, '{answer}', $2)
            WHERE id = $1 AND conversation -> 'messages' -> -1 ->> 'id' = $3
            """);
        command.Parameters.Add(new() { Value = conversation.Id });
        command.Parameters.Add(Json(answer));
        command.Parameters.Add(new() { Value = conversation.Question.Id });
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlParameter Json<T>(T value) =>
        new() { Value = JsonSerializer.Serialize(value, JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb };
}
