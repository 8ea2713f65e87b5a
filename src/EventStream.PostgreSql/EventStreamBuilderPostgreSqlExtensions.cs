using System.Runtime.CompilerServices;
using EventStream.PostgreSql.Configuration;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Hosting;
using EventStream.PostgreSql.Outbox;
using EventStream.PostgreSql.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EventStream.PostgreSql;

/// <summary>Keeps the channels in a PostgreSQL database, which several nodes share.</summary>
/// <remarks>
/// <para>
/// Each adds the log, and what looks after the tables. The app's start waits for the database, and makes or checks the schema; see
/// <see cref="PostgreSqlLogOptions"/>. A node uses six connections, however many subscribers and channels it has. One listens, one
/// appends, two read, one moves messages that were published in transactions, and one deletes what is over the retention. A seventh is
/// used while an append is held up.
/// </para>
/// <para>
/// Where <c>AddEventStreams</c> was given a configuration, the section <c>PostgreSql</c> of it sets the options first.
/// <c>AddHealthChecks().AddEventStreams()</c> adds a check that fails while subscribers get messages late.
/// </para>
/// </remarks>
public static class EventStreamBuilderPostgreSqlExtensions
{
    /// <summary>Keeps the channels in the database of the app's own data source.</summary>
    /// <remarks>
    /// It is the <see cref="NpgsqlDataSource"/> of the app's services, such as <c>AddNpgsqlDataSource</c> adds it, of Npgsql or of
    /// Aspire. It stays theirs to dispose of. An app without one does not start, and the error says what to add. Use one without
    /// multiplexing, whose pool has room for the log's seven connections beside the app's own. <c>Command Timeout=0</c> counts as 30 s.
    /// </remarks>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <param name="serviceKey">
    /// The key of the data source, where it is a keyed service; null, the default, is the one without a key.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(
        this EventStreamBuilder builder, Action<PostgreSqlLogOptions>? configure = null, object? serviceKey = null) =>
        Add(builder, services => AppDataSource.Find(services, serviceKey), isOwn: false, configure);

    /// <summary>Keeps the channels in the database of a connection string.</summary>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="connectionString">
    /// Npgsql's connection string. What it leaves open is set to what the log needs: <c>Timeout</c> 5 s, <c>Command Timeout</c> 15 s,
    /// <c>Maximum Pool Size</c> 10,
    /// <c>Application Name</c> EventStream, TCP keep-alives. <c>Command Timeout=0</c> counts as 30 s.
    /// Reach the server directly, or through a pooler in session mode: in transaction mode messages come late.
    /// </param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
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
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(this EventStreamBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.AddPostgreSql(_ => dataSource, configure);
    }

    /// <summary>
    /// Keeps the channels in the database of a data source that a function finds, and that stays the app's to dispose of.
    /// </summary>
    /// <param name="builder">What <c>AddEventStreams</c> returned.</param>
    /// <param name="dataSource">Finds the data source, once, among the app's services.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    [OverloadResolutionPriority(1)]
    public static EventStreamBuilder AddPostgreSql(this EventStreamBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return Add(builder, dataSource, isOwn: false, configure);
    }

    private static EventStreamBuilder Add(EventStreamBuilder builder, Func<IServiceProvider, NpgsqlDataSource> source, bool isOwn, Action<PostgreSqlLogOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLog<PostgreSqlLogOptions>(static services => new PostgreSqlLog(
            services.GetRequiredService<LogDatabase>(),
            services.GetRequiredService<OutboxWriter>(),
            services.GetRequiredService<MovedMessages>()));
        var services = builder.Services;
        var options = services.AddOptions<PostgreSqlLogOptions>();
        if (builder.TakeSection(PostgreSqlSettings.Key) is { } section)
        {
            options.Configure(bound => PostgreSqlSettings.Table.Bind(section, bound));
        }

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
        return builder;
    }
}
