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
/// Each overload adds the log, and the services that maintain its tables. The app's start waits for the database, and creates or checks the
/// schema; see <see cref="PostgreSqlLogOptions"/>. A node uses six connections, for any number of subscribers and channels. One listens,
/// one appends, two read, one moves messages that transactions have published, and one deletes messages beyond the retention. A seventh is
/// in use while an append is blocked. Up to three more serve runs: one renews leases, and two begin, end and read runs.
/// </para>
/// <para>
/// If <c>AddEventStreams</c> was given a configuration, its section <c>PostgreSql</c> sets the options first.
/// <c>AddHealthChecks().AddEventStreams()</c> adds a check that fails while subscribers get messages late.
/// </para>
/// </remarks>
public static class EventStreamBuilderPostgreSqlExtensions
{
    /// <summary>Keeps the channels in the database of the app's own data source.</summary>
    /// <remarks>
    /// It is the <see cref="NpgsqlDataSource"/> among the app's services, for example the one of <c>AddNpgsqlDataSource</c> of Npgsql or
    /// Aspire. The log does not dispose of it. An app without one does not start, and the error says what to add. Its pool needs room for
    /// the log's seven connections beside the app's own, and for three more if the app has runs. It must not use multiplexing.
    /// <c>Command Timeout=0</c> counts as 30 s.
    /// </remarks>
    /// <param name="builder">The builder that <c>AddEventStreams</c> returned.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them unchanged. If a value is out of range, the app does not start.
    /// </param>
    /// <param name="serviceKey">
    /// The key of the data source if it is a keyed service; null, the default, for the one without a key.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(
        this EventStreamBuilder builder, Action<PostgreSqlLogOptions>? configure = null, object? serviceKey = null) =>
        Add(builder, services => AppDataSource.Find(services, serviceKey), isOwn: false, configure);

    /// <summary>Keeps the channels in the database of a connection string.</summary>
    /// <param name="builder">The builder that <c>AddEventStreams</c> returned.</param>
    /// <param name="connectionString">
    /// Npgsql's connection string. Settings that it omits get the values that the log needs. They are <c>Timeout</c> 5 s,
    /// <c>Command Timeout</c> 15 s, <c>Maximum Pool Size</c> 10, <c>Application Name</c> EventStream, and TCP keep-alives.
    /// <c>Command Timeout=0</c> counts as 30 s.
    /// Connect to the server directly, or through a pooler in session mode: in transaction mode messages are late.
    /// </param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them unchanged. If a value is out of range, the app does not start.
    /// </param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(
        this EventStreamBuilder builder, string connectionString, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        OwnDataSource.Settings(connectionString);
        return Add(builder, _ => OwnDataSource.Create(connectionString), isOwn: true, configure);
    }

    /// <summary>Keeps the channels in the database of a data source, which the log does not dispose of.</summary>
    /// <param name="builder">The builder that <c>AddEventStreams</c> returned.</param>
    /// <param name="dataSource">
    /// Opens the connections. Its pool needs room for the log's seven connections beside the app's own, and for three more if the app has
    /// runs. It must not use multiplexing.
    /// <c>Command Timeout=0</c> counts as 30 s.
    /// </param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them unchanged. If a value is out of range, the app does not start.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    public static EventStreamBuilder AddPostgreSql(
        this EventStreamBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.AddPostgreSql(_ => dataSource, configure);
    }

    /// <summary>Keeps the channels in the database of a data source that a function finds.</summary>
    /// <remarks>The log does not dispose of the data source.</remarks>
    /// <param name="builder">The builder that <c>AddEventStreams</c> returned.</param>
    /// <param name="dataSource">Finds the data source among the app's services; called once.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them unchanged. If a value is out of range, the app does not start.
    /// </param>
    /// <exception cref="InvalidOperationException">The channels have a log already.</exception>
    [OverloadResolutionPriority(1)]
    public static EventStreamBuilder AddPostgreSql(
        this EventStreamBuilder builder,
        Func<IServiceProvider, NpgsqlDataSource> dataSource,
        Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return Add(builder, dataSource, isOwn: false, configure);
    }

    private static EventStreamBuilder Add(
        EventStreamBuilder builder, Func<IServiceProvider, NpgsqlDataSource> source, bool isOwn, Action<PostgreSqlLogOptions>? configure)
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
