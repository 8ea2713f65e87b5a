using EventStream.Conformance.Tests.Parsing;
using EventStream.Conformance.Tests.Requests;
using EventStream.Showcase.Tests.Infrastructure;

namespace EventStream.Conformance.Tests.Module;

/// <summary>Every row of both tables, for the module for browsers.</summary>
/// <remarks>It reads rows where Chromium is at fault as the standard has them.</remarks>
public abstract class ModuleTests
{
    private static readonly IReadOnlyList<Row> Rows = [.. Table.Rows, .. Table.FaultsOfChromium];

    private protected abstract IModuleHost Host { get; }

    [Fact(Timeout = 120_000)]
    public async Task Module_EveryRow_ReadsWhatTheTableExpects()
    {
        await using var server = await RowServer.StartAsync(Rows);
        var paths = Enumerable.Range(0, Rows.Count).Select(row => RowServer.PathOf("module", row)).ToArray();

        var readings = await Host.ReadAsync(server.Address, paths.Select(path => new ModuleRequest(path, new())));

        var positions = server.Returns.ToDictionary(back => back.Path, back => back.Position);
        var seen = paths.Zip(readings, (path, reading) => OutcomeOf(reading, positions.GetValueOrDefault(path)));
        Comparison.Differences("module", Rows, seen).Should().BeEmpty();
    }

    [Fact(Timeout = 120_000)]
    public async Task Module_EveryRequestRow_AsksAndEndsAsTheTableExpects()
    {
        var rows = RequestTable.RowsFor("module", Host.Reader);
        await using var server = await AnswerServer.StartAsync(rows, cutsAfterReport: true);

        var readings = await Host.ReadAsync(
            server.Address,
            rows.Select(
                (row, index) => new ModuleRequest(AnswerServer.PathOf(index), OptionsOf(row.With), AnswerServer.ReportPathOf(index))));

        var seen = readings.Select(
            (reading, row) => new Exchange(server.AsksOf(row), reading.Events, reading.IsRefused ? End.Refused : End.Finished));
        ExchangeComparison.Differences("module", rows, seen).Should().BeEmpty();
    }

    private static Outcome OutcomeOf(ModuleReading reading, string? position) => reading.Failures is [var end, ..]
        ? new(reading.Events, position, Wait.OfDelay(end.RetryIn), end.IsBreak)
        : new(reading.Events, position, new(0, ulong.MaxValue));

    private static object OptionsOf(Instructions with) => new
    {
        with.Method,
        with.Body,
        LastEventId = with.Position ?? "",
        Headers = with.Header?.Split(": ") is { } header ? new[] { header } : [],
    };
}

/// <summary>The module in Chromium.</summary>
[Trait("Category", "Linux")]
public sealed class ModuleInChromiumTests(Chromium chromium) : ModuleTests, IClassFixture<Chromium>
{
    private protected override IModuleHost Host => new ModuleInChromium(chromium);
}

/// <summary>The module in Node.</summary>
[Trait("Category", "Linux")]
public sealed class ModuleInNodeTests : ModuleTests
{
    private protected override IModuleHost Host => new ModuleInNode();
}
