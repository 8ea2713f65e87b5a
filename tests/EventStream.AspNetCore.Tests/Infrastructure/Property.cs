using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>
/// Properties over random values. A run is the same each time; set <c>EVENTSTREAM_SEED</c> to a number to have another, or one of a report.
/// </summary>
public static class Property
{
    private const ulong DefaultSeed = 20_260_101;

    public static void Holds<T>(Gen<T> values, Func<T, IEnumerable<T>> shrink, int runs, ITestOutputHelper output, Action<T> property)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("EVENTSTREAM_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : DefaultSeed;
        output.WriteLine($"EVENTSTREAM_SEED={seed}, {runs} runs");
        var config = Config.QuickThrowOnFailure
            .WithMaxTest(runs)
            .WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new(new Rnd(seed), FSharpOption<int>.None)));
        Check.One(config, Prop.ForAll(Arb.From(values, shrink), property));
    }
}
