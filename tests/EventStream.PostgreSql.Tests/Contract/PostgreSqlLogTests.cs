using EventStream.Testing.Logs;

namespace EventStream.PostgreSql.Tests.Contract;

/// <summary>The log on PostgreSQL owes what every log owes.</summary>
public sealed class PostgreSqlLogTests(SharedServer server)
{
    public static TheoryData<string> Rules => [.. LogContract.Rules];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Rules))]
    public async Task Log_OnPostgreSql_KeepsTheRule(string rule) => await LogContract.CheckAsync(rule, new PostgreSqlLogStore(server));
}
