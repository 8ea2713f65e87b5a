using EventStream.AspNetCore.Runs;
using EventStream.Client;
using EventStream.PostgreSql;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The page about options is what the code says.</summary>
public sealed class OptionPageTests
{
    private static readonly Type[] Measures = [typeof(int), typeof(long), typeof(TimeSpan)];

    private static readonly Page Page = Page.Read("reference", "options.md");

    // Sends a set of options to where they are checked. What is wrong is thrown.
    private static readonly Dictionary<Type, Func<object, Task>> Checks = new()
    {
        [typeof(EventStreamOptions)] = options => Validate((EventStreamOptions)options),
        [typeof(EventStreamChannelOptions)] = options => Validate((EventStreamChannelOptions)options),
        [typeof(EventStreamRunOptions)] = options => Task.Run(() => RunOptionsCheck.Check((EventStreamRunOptions)options)),
        [typeof(EventStreamLogOptions)] = options => Validate((EventStreamLogOptions)options, streams => streams.AddLog(_ => null!)),
        [typeof(EventStreamLimitOptions)] = options => Validate((EventStreamLimitOptions)options, streams => streams.AddLimits()),
        [typeof(PostgreSqlLogOptions)] = options => Validate((PostgreSqlLogOptions)options, streams => streams.AddPostgreSql("Host=a")),
        [typeof(PostgreSqlRetention)] = retention => Validate(
            new PostgreSqlLogOptions { Retention = (PostgreSqlRetention)retention }, streams => streams.AddPostgreSql("Host=a")),
        [typeof(EventStreamClientOptions)] = options => ReadAsync((EventStreamClientOptions)options),
        [typeof(TestEventSourceOptions)] = options => OpenAsync((TestEventSourceOptions)options),
    };

    public static IEnumerable<TheoryDataRow<Type>> Types => PublicOptions.Types.Select(type => new TheoryDataRow<Type>(type));

    public static IEnumerable<TheoryDataRow<Type, string>> Measured =>
        from type in PublicOptions.Types
        from option in PublicOptions.Of(type)
        where Measures.Contains(MeasureOf(option.PropertyType))
        select new TheoryDataRow<Type, string>(type, option.Name);

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public void Options_OfAType_AreOnThePageWithTypeAndDefault(Type type)
    {
        var options = Activator.CreateInstance(type)!;

        var rows = Page.Rows($"## {type.Name}").Select(row => $"{row[0]} {row[1]} = {Plain(row[2])}");

        rows.Should().BeEquivalentTo(
            from option in PublicOptions.Of(type)
            select $"`{option.Name}` `{OptionText.TypeOf(option)}` = {OptionText.Of(option.GetValue(options))}");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Measured))]
    public async Task Range_OfAnOption_IsTheOneThatIsChecked(Type type, string name)
    {
        var range = Page.Rows($"## {type.Name}").Single(row => row[0] == $"`{name}`")[3];
        var measure = MeasureOf(type.GetProperty(name)!.PropertyType);

        foreach (var value in Values(range, measure, isInRange: true))
        {
            await Setting(value).Should().NotThrowAsync("{0} is in the range of {1}", value, name);
        }

        foreach (var value in Values(range, measure, isInRange: false))
        {
            await Setting(value).Should().ThrowAsync<Exception>("{0} is out of the range of {1}", value, name);
        }

        Func<Task> Setting(object value) => () =>
        {
            var options = Activator.CreateInstance(type)!;
            type.GetProperty(name)!.SetValue(options, value);
            return Checks[type](options);
        };
    }

    /// <summary>The limits of a range, or the values next to them.</summary>
    private static IEnumerable<object> Values(string range, Type type, bool isInRange)
    {
        if (range.StartsWith("at least ", StringComparison.Ordinal)) return [Beside(range[9..], isInRange ? 0 : -1)];
        if (range.StartsWith("more than ", StringComparison.Ordinal)) return [Beside(range[10..], isInRange ? 1 : 0)];
        var limits = range.Split(" to ");
        limits.Should().HaveCount(2, "a range is 'A to B', 'at least A' or 'more than A', and not '{0}'", range);
        return isInRange ? [Beside(limits[0], 0), Beside(limits[1], 0)] : [Beside(limits[0], -1), Beside(limits[1], 1)];

        object Beside(string limit, int steps) => OptionText.Read(limit, type) switch
        {
            TimeSpan time => time + TimeSpan.FromMilliseconds(steps),
            int number => number + steps,
            var number => (long)number + steps,
        };
    }

    private static Type MeasureOf(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    // A link's text without its address, and code without its marks.
    private static string Plain(string cell) => cell.Split(']')[0].Trim('[', '`');

    private static Task Validate<TOptions>(TOptions options, Action<EventStreamBuilder>? add = null)
        where TOptions : class
    {
        ServiceCollection services = new();
        var streams = services.AddEventStreams();

        // Its own test says how it bounds DrainTimeout.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        add?.Invoke(streams);
        using var app = services.BuildServiceProvider();
        var validators = app.GetServices<IValidateOptions<TOptions>>().ToArray();
        validators.Should().NotBeEmpty();
        var results = validators.Select(validator => validator.Validate(Options.DefaultName, options));
        var failure = results.FirstOrDefault(result => result.Failed);
        return failure is null ? Task.CompletedTask : Task.FromException(new ArgumentException(failure.FailureMessage));
    }

    // The call checks the options, and the loop would ask.
    private static Task ReadAsync(EventStreamClientOptions options)
    {
        using HttpClient http = new();
        _ = http.ReadEventStreamAsync("http://localhost/", options);
        return Task.CompletedTask;
    }

    // No server listens there. That is a failure of the test source, and not of an option.
    private static async Task OpenAsync(TestEventSourceOptions options)
    {
        using HttpClient http = new();
        try
        {
            await using var stream = await http.OpenEventStreamAsync("http://localhost:1/", options);
        }
        catch (EventStreamTestException)
        {
        }
    }
}
