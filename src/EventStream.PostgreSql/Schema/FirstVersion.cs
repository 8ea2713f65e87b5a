using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Schema;

/// <summary>The first version of the schema.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Text is compared byte by byte (<c>COLLATE "C"</c>), as in the app.</item>
/// <item>Frames are stored uncompressed (<c>EXTERNAL</c>). Compression saves little on short frames, and each read of messages would
/// have to decompress whole frames.</item>
/// <item>The last message of a list has the list's idempotency key, and its length. A message and a list may have the same key.</item>
/// <item>A channel that continues an earlier epoch has that epoch, and its last sequence that is still valid, in <c>former_epoch</c> and
/// <c>former_newest</c>.</item>
/// <item>A row of <c>outbox</c> has the messages of one publish call.</item>
/// <item>The origin of a channel is in <c>meta</c>, until a channel of the same tag was deleted; then it is in <c>origin</c>.</item>
/// <item><c>run_token</c> is the token that holds the channel's run; null if none does. <c>run_state</c> is the run's
/// <see cref="EventStreamRunState"/>. They are in <c>channel</c>, because an append checks the token under the lock of that row.
/// <c>are_readers_told</c> says whether the last messages of a failed run tell its readers so.</item>
/// <item>The lease of a run is in <c>run</c>, so that a renewal does not wait for an append. No index has the time of a lease, so that a
/// renewal updates no index.</item>
/// <item>Each append updates rows of <c>channel</c>. Free space in their pages (<c>fillfactor</c>) keeps that from updating the
/// indexes.</item>
/// </list>
/// </remarks>
internal static class FirstVersion
{
    public static string Script(SchemaName schema) =>
        $"""
         CREATE TABLE {schema}.meta (
             version int NOT NULL,
             identity text NOT NULL DEFAULT '',
             origin text COLLATE "C" NOT NULL
         );
         CREATE UNIQUE INDEX meta_is_one_row ON {schema}.meta ((true));
         INSERT INTO {schema}.meta (version, origin) SELECT version, {RandomSql.DrawFor("version")} FROM (VALUES (1)) AS first (version);

         CREATE TABLE {schema}.origin (
             tag text COLLATE "C" PRIMARY KEY,
             chance text COLLATE "C" NOT NULL
         );

         CREATE TABLE {schema}.channel (
             id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             name text COLLATE "C" NOT NULL UNIQUE,
             epoch text COLLATE "C" NOT NULL,
             newest bigint NOT NULL DEFAULT 0,
             former_epoch text COLLATE "C",
             former_newest bigint,
             before_oldest bigint NOT NULL DEFAULT 0,
             total bigint NOT NULL DEFAULT 0,
             is_complete boolean NOT NULL DEFAULT false,
             run_token text COLLATE "C",
             run_state int,
             are_readers_told boolean NOT NULL DEFAULT false,
             changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
         ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

         CREATE TABLE {schema}.run (
             channel bigint PRIMARY KEY,
             token text COLLATE "C" NOT NULL,
             node text COLLATE "C" NOT NULL,
             takes_over boolean NOT NULL,
             is_running boolean NOT NULL DEFAULT true,
             is_stop_requested boolean NOT NULL DEFAULT false,
             since timestamptz NOT NULL,
             lease_until timestamptz NOT NULL
         ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
         CREATE INDEX run_token ON {schema}.run (token);
         CREATE INDEX run_running ON {schema}.run (channel) WHERE is_running;

         CREATE TABLE {schema}.message (
             channel bigint NOT NULL,
             sequence bigint NOT NULL,
             published_at timestamptz NOT NULL,
             size int NOT NULL,
             total bigint NOT NULL,
             event text COLLATE "C",
             key text COLLATE "C",
             for_user text COLLATE "C",
             sender text COLLATE "C",
             tag text COLLATE "C",
             idempotency_key text COLLATE "C",
             list_length int,
             frame bytea NOT NULL,
             PRIMARY KEY (channel, sequence)
         ) WITH (
             autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05
         );
         ALTER TABLE {schema}.message ALTER COLUMN frame SET STORAGE EXTERNAL;
         CREATE UNIQUE INDEX message_idempotency ON {schema}.message (channel, idempotency_key, (list_length IS NULL))
             WHERE idempotency_key IS NOT NULL;
         CREATE INDEX message_key ON {schema}.message (channel, {AppendSql.KeyHash("key", "for_user")}) WHERE key IS NOT NULL;

         CREATE TABLE {schema}.outbox (
             id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             channel text COLLATE "C" NOT NULL,
             replaces boolean NOT NULL,
             key text COLLATE "C",
             for_user text COLLATE "C",
             sender text COLLATE "C",
             tag text COLLATE "C",
             idempotency_key text COLLATE "C",
             is_list boolean NOT NULL,
             events text[] NOT NULL,
             frames bytea[] NOT NULL,
             size bigint NOT NULL,
             refused text
         ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
         ALTER TABLE {schema}.outbox ALTER COLUMN frames SET STORAGE EXTERNAL;
         """;
}
