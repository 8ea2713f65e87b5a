using EventStream.Testing.Logs;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The log in memory that the tests of nodes stand on owes what every log owes.</summary>
public sealed class SharedLogContractTests
{
    public static TheoryData<string> Rules => [.. LogContract.Rules];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Rules))]
    public async Task Log_InMemory_KeepsTheRule(string rule) => await LogContract.CheckAsync(rule, new SharedLogStore());
}
