using System.Diagnostics.Metrics;
using System.Reflection;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.PostgreSql;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The page about metrics and log entries is what the code says.</summary>
public sealed class DiagnosticsPageTests
{
    private static readonly Page Page = Page.Read("reference", "diagnostics.md");

    [Fact(Timeout = 30_000)]
    public async Task Instruments_OfAnApp_AreOnThePage()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapEventStream("/news", "news"),
            services => services.AddEventStreams().AddChannel("news").AddLimits(o => o.MaxStreams = 1));
        var factory = app.App.Services.GetRequiredService<IMeterFactory>();
        List<string> instruments = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (!ReferenceEquals(instrument.Meter.Scope, factory)) return;
                if (instrument.Meter.Name != StreamMetrics.MeterName) return;
                instruments.Add($"`{instrument.Name}`, {KindOf(instrument)}, `{instrument.Unit}`");
            },
        };
        using var stream = await app.OpenAsync("/news");

        listener.Start();

        var rows = Page.Rows("## Metrics").ToArray();
        rows.Select(row => $"{row[0]}, {row[1].Split(',')[0]}, {row[2]}").Should().BeEquivalentTo(instruments.Distinct());
    }

    [Fact(Timeout = 30_000)]
    public void Tags_OfTheInstruments_AreOnThePage()
    {
        string[] tags =
        [
            StreamMetrics.RouteTag,
            StreamMetrics.EndReasonTag,
            StreamMetrics.RefusalReasonTag,
            StreamMetrics.OutcomeTag,
            ChannelMetrics.ChannelTag,
            ChannelMetrics.ReasonTag,
            ChannelMetrics.OutcomeTag,
        ];

        Page.Rows("### Tags").SelectMany(row => Page.Code(row[0])).Should().BeEquivalentTo(tags);
        Page.Rows("## Metrics").SelectMany(row => Page.Code(row[3])).Distinct().Should().BeEquivalentTo(tags);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.AspNetCore", typeof(EventStreamOptions))]
    [InlineData("EventStream.PostgreSql", typeof(PostgreSqlLogOptions))]
    public void LogEntries_OfAPackage_AreOnThePage(string category, Type package)
    {
        var log = package.Assembly.GetType($"{category}.Diagnostics.Log", throwOnError: true)!;

        var entries = log.GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()!)
            .Select(entry => $"| {entry.EventId} | {entry.Level} | {entry.Message} |");

        Page.Rows($"## Log entries: `{category}`").Select(row => $"| {row[0]} | {row[1]} | {row[2]} |").Should().BeEquivalentTo(entries);
    }

    // Such as "observable up-down counter" for ObservableUpDownCounter<long>.
    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" => "counter",
        "Histogram" => "histogram",
        "UpDownCounter" => "up-down counter",
        "ObservableUpDownCounter" => "observable up-down counter",
        "ObservableGauge" => "observable gauge",
        var other => other,
    };
}
