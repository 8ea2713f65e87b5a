using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using EventStream.Testing.Logs.Rules;

namespace EventStream.Testing.Logs;

/// <summary>The rules of <see cref="IEventStreamLog"/> and <see cref="IEventStreamRunLog"/>, each of which is one test.</summary>
/// <remarks>
/// Give the names to a parameterised test of any framework, and check one rule in each. For xunit:
/// <code>
/// public sealed class MyLogTests
/// {
///     public static TheoryData&lt;string&gt; Rules => [.. LogContract.Rules];
///
///     [Theory]
///     [MemberData(nameof(Rules))]
///     public Task Log_KeepsTheRule(string rule) => LogContract.CheckAsync(rule, new MyLogStore());
/// }
/// </code>
/// Safe from any thread. Rules that have stores of their own may be checked at the same time.
/// </remarks>
public static class LogContract
{
    private static readonly Rule[] Dropping = [.. RulesOf<DroppingRules>(), .. RulesOf<RunDroppingRules>()];

    private static readonly Rule[] All =
    [
        .. RulesOf<AppendRules>(),
        .. RulesOf<OrderRules>(),
        .. RulesOf<AtomicityRules>(),
        .. RulesOf<RepeatRules>(),
        .. RulesOf<ListRules>(),
        .. RulesOf<ReplaceRules>(),
        .. RulesOf<EndRules>(),
        .. RulesOf<EpochRules>(),
        .. RulesOf<OriginRules>(),
        .. RulesOf<PageRules>(),
        .. RulesOf<FollowRules>(),
        .. RulesOf<ClaimRules>(),
        .. RulesOf<TakeOverRules>(),
        .. RulesOf<ReplacedTokenRules>(),
        .. RulesOf<FenceRules>(),
        .. RulesOf<RunEndRules>(),
        .. RulesOf<LeaseRules>(),
        .. Dropping,
    ];

    /// <summary>The names of all rules. A later version may have more.</summary>
    /// <remarks>The rules of runs check nothing if the log is no <see cref="IEventStreamRunLog"/>.</remarks>
    public static IReadOnlyList<string> Rules { get; } = [.. All.Select(rule => rule.Name)];

    /// <summary>The names of the rules that drop messages or channels; <see cref="Rules"/> has them too.</summary>
    /// <remarks>For a log without retention, leave them out: <c>LogContract.Rules.Except(LogContract.RetentionRules)</c>.</remarks>
    public static IReadOnlyList<string> RetentionRules { get; } = [.. Dropping.Select(rule => rule.Name)];

    /// <summary>Checks that a log keeps a rule.</summary>
    /// <param name="rule">The rule's name, one of <see cref="Rules"/>.</param>
    /// <param name="store">An empty store of the log. The check disposes of it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> or <paramref name="store"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no rule of this name.</exception>
    /// <exception cref="LogContractException">The log does not keep the rule. The message says what it did instead.</exception>
    /// <exception cref="NotSupportedException">The rule is one of <see cref="RetentionRules"/>, and the store cannot drop.</exception>
    public static async Task CheckAsync(string rule, LogStore store)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(store);
        await using (store)
        {
            var check = Array.Find(All, each => each.Name == rule)?.Check
                ?? throw new ArgumentException($"The contract has no rule '{rule}'. Use a name from LogContract.Rules.", nameof(rule));
            await check(store);
        }
    }

    /// <summary>Finds the rules: public methods without parameters.</summary>
    private static IEnumerable<Rule> RulesOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] T>()
        where T : LogRules, new() =>
        typeof(T)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(method => new Rule(method.Name, async store =>
            {
                var rules = new T();
                await rules.OpenAsync(store);
                if (!rules.AreForThisLog) return;
                await method.CreateDelegate<Func<Task>>(rules)();
            }));

    private sealed record Rule(string Name, Func<LogStore, Task> Check);
}
