using System.Collections.Concurrent;
using System.Diagnostics;
using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Database;

/// <summary>What an app with Npgsql's tracing sees of the log.</summary>
public sealed class TracingTests(SharedServer server)
{
    [Theory(Timeout = 60_000)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Node_AtWorkForNoRequest_BeginsNoTrace(bool isOwn, bool recordsAll)
    {
        var database = await server.CreateDatabaseAsync();
        await using var shared = NpgsqlDataSource.Create(database);
        var name = new NpgsqlConnectionStringBuilder(database).Database!;
        using var traces = new Traces(name, recordsAll);
        await using (var app = Build(streams => _ = isOwn ? streams.AddPostgreSql(database, Often) : streams.AddPostgreSql(shared, Often)))
        {
            await app.StartAsync();
            await app.Services.GetRequiredService<EventStreamHub>().PublishAsync("news", "a");
            await Soon.Until(() => Transactions(database) > 30, "the node has asked the database now and then");
            await app.StopAsync();
        }

        traces.Seen.Should().BeEmpty();
        await using var command = shared.CreateCommand("SELECT 1");
        await command.ExecuteNonQueryAsync();
        traces.Seen.Should().NotBeEmpty("the app's own statement is traced");
    }

    [Fact(Timeout = 60_000)]
    public async Task Begin_WithoutTracing_MakesNoActivity()
    {
        Activity.Current = null;

        Untraced.Begin().Should().BeNull();
        using var traces = new Traces("none", recordsAll: false);
        using var untraced = Untraced.Begin();
        untraced.Should().NotBeNull();
    }

    private static void Often(PostgreSqlLogOptions options) => options.PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How many transactions a database has seen, asked of another one.</summary>
    private static long Transactions(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(database) { Pooling = false };
        var statement = $"SELECT xact_commit FROM pg_stat_database WHERE datname = '{settings.Database}'";
        settings.Database = "postgres";
        using var connection = new NpgsqlConnection(settings.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(statement, connection);
        return (long)command.ExecuteScalar()!;
    }

    private static WebApplication Build(Action<EventStreamBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure(builder.Services.AddEventStreams().AddChannel("news"));
        return builder.Build();
    }

    /// <summary>Npgsql's spans of one database.</summary>
    /// <remarks>By a sampler that follows the parent, as OpenTelemetry's does, or by one that records all.</remarks>
    private sealed class Traces : IDisposable
    {
        private readonly ActivityListener _listener;

        public Traces(string database, bool recordsAll)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    recordsAll || options.Parent.TraceId == default || options.Parent.TraceFlags == ActivityTraceFlags.Recorded
                        ? ActivitySamplingResult.AllDataAndRecorded
                        : ActivitySamplingResult.None,
                ActivityStopped = activity =>
                {
                    if (activity.TagObjects.Any(tag => tag.Value is string value && value == database)) Seen.Enqueue(activity.DisplayName);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<string> Seen { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
