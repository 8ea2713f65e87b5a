using System.Reflection;
using System.Threading.RateLimiting;
using EventStream.PostgreSql;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Configuration;

/// <summary>Every public option in the app's configuration binds or is refused with an error. None is passed over in silence.</summary>
public sealed class EveryOptionTests
{
    private static readonly Type[] Options =
    [
        typeof(EventStreamOptions),
        typeof(EventStreamChannelOptions),
        typeof(EventStreamProtocol),
        typeof(EventStreamLogOptions),
        typeof(EventStreamLimitOptions),
        typeof(PostgreSqlLogOptions),
        typeof(PostgreSqlRetention),
    ];

    // Where the options of the type are in the section of streams, and in the app's services.
    private static readonly Dictionary<Type, (string Path, Func<IServiceProvider, object> Find)> Places = new()
    {
        [typeof(EventStreamOptions)] = ("", Find<EventStreamOptions>),
        [typeof(EventStreamChannelOptions)] =
            ("Channels:news:", services => services.GetRequiredService<IOptionsMonitor<EventStreamChannelOptions>>().Get("news")),
        [typeof(EventStreamProtocol)] =
            ("Protocol:", services => Find<EventStreamOptions>(services).Protocol ?? EventStreamProtocol.Default),
        [typeof(EventStreamLogOptions)] = ("Log:", Find<EventStreamLogOptions>),
        [typeof(EventStreamLimitOptions)] = ("Limits:", Find<EventStreamLimitOptions>),
        [typeof(PostgreSqlLogOptions)] = ("PostgreSql:", Find<PostgreSqlLogOptions>),
        [typeof(PostgreSqlRetention)] = ("PostgreSql:Retention:", services => Find<PostgreSqlLogOptions>(services).Retention),
    };

    // What a user writes for an option of the type, by the path below it. Other types are given a text, which they must refuse.
    private static readonly Dictionary<Type, (string Path, string Text)[]> Written = new()
    {
        [typeof(int)] = [("", "7")],
        [typeof(long)] = [("", "7000")],
        [typeof(TimeSpan)] = [("", "00:00:07")],
        [typeof(byte[])] = [("", Convert.ToBase64String(new byte[32]))],
        [typeof(EventStreamStart)] = [("", "Oldest")],
        [typeof(EventStreamKeepAlive)] = [("", "CommentAndBlankLine")],
        [typeof(EventStreamProtocol)] = [("", "DataOnly")],
        [typeof(IReadOnlyCollection<string>)] = [(":0", "error")],
        [typeof(EventStreamMessage)] = [(":Event", "over"), (":Data", "and out")],
        [typeof(PostgreSqlRetention)] = [(":MaxCount", "7")],
        [typeof(IDictionary<string, PostgreSqlRetention>)] = [(":orders/{id}:MaxCount", "7")],
    };

    public static IEnumerable<TheoryDataRow<Type, string>> Names =>
        from type in Options
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.Name != "EqualityContract"
        select new TheoryDataRow<Type, string>(type, property.Name);

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Names))]
    public void Option_InTheConfiguration_BindsOrIsRefused(Type type, string name)
    {
        var property = type.GetProperty(name)!;
        var options = Activator.CreateInstance(type)!;
        var before = Look(property, options);

        var binding = () => Configuration(property, options).Bind(options);

        if (IsCode(property)) binding.Should().Throw<InvalidOperationException>().WithMessage($"*'{name}'*");
        else binding.Should().NotThrow();
        if (!IsCode(property)) Look(property, options).Should().NotBe(before, "it was set, and is not passed over");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Names))]
    public void Option_InTheSectionOfStreams_IsSetOrIsRefused(Type type, string name)
    {
        var property = type.GetProperty(name)!;
        var (path, find) = Places[type];
        var before = find(AppWith(type, new ConfigurationBuilder().Build()));

        var finding = () => find(AppWith(type, Configuration(property, before, path)));

        if (!IsCode(property)) Look(property, finding()).Should().NotBe(Look(property, before));
        else finding.Should().Throw<OptionsValidationException>().WithMessage($"{path}{name}: This option cannot be given as text.*");
    }

    private static ServiceProvider AppWith(Type options, IConfiguration configuration)
    {
        var services = new ServiceCollection();
        var streams = services.AddEventStreams(configuration);

        // Without it a protocol that has no event for a gap is refused.
        services.Configure<EventStreamChannelOptions>("news", c => c.OnGap = (_, _) => default);
        if (options.Assembly == typeof(PostgreSqlLogOptions).Assembly) streams.AddPostgreSql("Host=a");
        else streams.AddLog(_ => throw new InvalidOperationException());
        return services.BuildServiceProvider();
    }

    private static T Find<T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    // A value that differs from the default, or text.
    private static IConfiguration Configuration(PropertyInfo property, object options, string path = "")
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var written = type == typeof(bool)
            ? [("", (!(bool)property.GetValue(options)!).ToString())]
            : Written.GetValueOrDefault(type, [("", "some text")]);
        return new ConfigurationBuilder()
            .AddInMemoryCollection(written.Select(value => KeyValuePair.Create($"{path}{property.Name}{value.Path}", (string?)value.Text)))
            .Build();
    }

    private static bool IsCode(PropertyInfo property) =>
        typeof(Delegate).IsAssignableFrom(property.PropertyType)
        || property.PropertyType == typeof(PartitionedRateLimiter<HttpContext>)
        || IsNotice(property.PropertyType);

    private static bool IsNotice(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EventStreamNotice<>);

    private static string? Look(PropertyInfo property, object options) => property.GetValue(options) switch
    {
        IDictionary<string, PostgreSqlRetention> retentions => string.Join(';', retentions),
        EventStreamKeepAlive keepAlive => Convert.ToHexString(keepAlive.Frame.Span),
        IReadOnlyCollection<string> names => string.Join(';', names),
        byte[] bytes => Convert.ToHexString(bytes),
        var value => value?.ToString(),
    };
}
