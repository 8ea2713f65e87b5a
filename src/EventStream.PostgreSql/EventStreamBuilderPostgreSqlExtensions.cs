using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Hosting;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EventStream.PostgreSql;

/// <summary>Keeps the channels in a PostgreSQL database, which several nodes share.</summary>
/// <remarks>
/// Each adds the log, what looks after the tables, and a health check named <c>eventstream-postgresql</c>.
/// The check is degraded while subscribers get messages late. The app's start waits for the
/// database, and makes or checks the schema; see <see cref="PostgreSqlLogOptions"/>. A node uses six connections, however many subscribers and channels it has: one listens, one appends, two
/// read, one moves what was published in transactions, and one deletes what is not to be kept; and a seventh while an append is held up.
/// </remarks>
public static class EventStreamBuilderPostgreSqlExtensions
{
    /// <summary>Keeps the channels in the database of a connection string.</summary>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="connectionString">
    /// Npgsql's connection string. What it leaves open is set to what the log needs: <c>Timeout</c> 5 s, <c>Command Timeout</c> 15 s, <c>Maximum Pool Size</c> 10,
    /// <c>Application Name</c> EventStream, TCP keep-alives. <c>Command Timeout=0</c> counts as 30 s.
    /// Reach the server directly, or through a pooler in session mode: in transaction mode messages come late.
    /// </param>
    /// <param name="configure">Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.</param>
    /// <exception cref="ArgumentException">It is no connection string.</exception>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(this EventStreamBuilder builder, string connectionString, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        OwnDataSource.Settings(connectionString);
        return Add(builder, _ => OwnDataSource.Create(connectionString), isOwn: true, configure);
    }

    /// <summary>Keeps the channels in the database of a data source, which stays the caller's to dispose of.</summary>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="dataSource">
    /// Where connections come from: one without multiplexing, whose pool has room for the log's seven beside the app's own.
    /// <c>Command Timeout=0</c> counts as 30 s.
    /// </param>
    /// <param name="configure">Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.</param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(this EventStreamBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.AddPostgreSql(_ => dataSource, configure);
    }

    /// <summary>Keeps the channels in the database of a data source of the app's services, which stays theirs to dispose of.</summary>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="dataSource">Finds the data source, once: <c>services => services.GetRequiredService&lt;NpgsqlDataSource&gt;()</c>.</param>
    /// <param name="configure">Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.</param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(this EventStreamBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return Add(builder, dataSource, isOwn: false, configure);
    }

    private static EventStreamBuilder Add(EventStreamBuilder builder, Func<IServiceProvider, NpgsqlDataSource> source, bool isOwn, Action<PostgreSqlLogOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLog(static services => new PostgreSqlLog(
            services.GetRequiredService<LogDatabase>(),
            services.GetRequiredService<OutboxWriter>(),
            services.GetRequiredService<MovedMessages>()));
        var services = builder.Services;
        var options = services.AddOptions<PostgreSqlLogOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgreSqlLogOptions>, PostgreSqlLogOptionsValidator>());
        services.AddSingleton<OpenTransactions>();
        services.AddSingleton<OutboxWriter>();
        services.AddSingleton<MovedMessages>();
        services.AddSingleton(provider => new LogDatabase(
            source(provider),
            isOwn,
            provider.GetRequiredService<IOptions<PostgreSqlLogOptions>>().Value,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger(Log.Category)));
        services.AddSingleton<IHostedService, LogStart>();
        services.AddSingleton<IHostedService, Sequencer>();
        services.AddSingleton<IHostedService, RetentionLoop>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            PostgreSqlHealthCheck.Name,
            static provider => new PostgreSqlHealthCheck(provider.GetRequiredService<LogDatabase>()),
            HealthStatus.Degraded,
            tags: null));
        return builder;
    }
}
