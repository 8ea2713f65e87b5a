using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Schema;

/// <summary>Upgrades the schema to the version of this package, or throws with the reason why it cannot.</summary>
/// <remarks>Any number of nodes may do it at once.</remarks>
internal sealed class SchemaSetup(LogDatabase database, IReadOnlyList<Migration> migrations)
{
    private readonly SchemaName _schema = database.Sql.Schema;

    private int Newest => migrations[^1].Version;

    /// <summary>Checks the schema, and upgrades it if the options allow that.</summary>
    /// <exception cref="EventStreamLogException">The schema cannot be used, or the database is unavailable.</exception>
    public async ValueTask RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await CheckEncodingAsync(connection, cancellationToken);
            var version = await ReadVersionAsync(connection, cancellationToken);
            if (version < Newest && database.Options.CreateSchema) version = await MigrateAsync(connection, cancellationToken);
            if (version != Newest) throw new EventStreamLogException(Fault(version));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or EventStreamLogException))
        {
            throw Faults.Explain(exception);
        }
    }

    private static async ValueTask CheckEncodingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var encoding = (string)(await ReadAsync(connection, "SELECT current_setting('server_encoding')", cancellationToken))!;
        if (encoding == "UTF8") return;
        throw new EventStreamLogException(
            $"The database's encoding is {encoding}, which cannot store every text. Use a database that was created with ENCODING 'UTF8'.");
    }

    private static async ValueTask<object?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async ValueTask<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Looked up in the catalog, so that a role without rights on the schema gets that error, and not one about a missing table.
        var lookup =
            $"""
             SELECT EXISTS (
                 SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname = {SchemaName.LiteralOf(_schema.Text)} AND c.relname = 'meta'
             )
             """;
        var exists = await ReadAsync(connection, lookup, cancellationToken);
        return exists is true ? (int)(await ReadAsync(connection, $"SELECT version FROM {_schema}.meta", cancellationToken) ?? 0) : 0;
    }

    private async ValueTask<int> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await database.SchemaLock.TakeAsync(connection, cancellationToken);
        var version = await ReadVersionAsync(connection, cancellationToken);
        if (version < Newest)
        {
            using var longWork = database.LongWork.Begin();
            await using var script = new NpgsqlCommand(
                await ScriptAsync(connection, version, cancellationToken), connection) { CommandTimeout = 0 };
            await script.ExecuteNonQueryAsync(cancellationToken);
            version = Newest;
        }

        await transaction.CommitAsync(cancellationToken);
        return version;
    }

    private async ValueTask<string> ScriptAsync(NpgsqlConnection connection, int version, CancellationToken cancellationToken)
    {
        // Looked up, because CREATE SCHEMA IF NOT EXISTS needs the right to create one even if the schema exists.
        var lookup = $"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = {SchemaName.LiteralOf(_schema.Text)})";
        var exists = await ReadAsync(connection, lookup, cancellationToken);
        return string.Join('\n',
        [
            exists is true ? "" : $"CREATE SCHEMA {_schema};",
            .. migrations.Where(migration => migration.Version > version).Select(migration => migration.Script(_schema)),
            $"UPDATE {_schema}.meta SET version = {Newest};",
        ]);
    }

    private string Fault(int version) => version switch
    {
        0 =>
            $"The database does not have the log's schema '{_schema.Text}'. "
            + $"Apply the script of PostgreSqlSchema.Script(\"{_schema.Text}\"), or set CreateSchema.",
        _ when version > Newest =>
            $"The schema '{_schema.Text}' has version {version}, and this app's EventStream.PostgreSql knows versions up to {Newest}: "
            + "a newer app has upgraded it. Update the package.",
        _ =>
            $"The schema '{_schema.Text}' has version {version}, and this app's EventStream.PostgreSql needs {Newest}. "
            + "Upgrade the schema, or set CreateSchema.",
    };
}
