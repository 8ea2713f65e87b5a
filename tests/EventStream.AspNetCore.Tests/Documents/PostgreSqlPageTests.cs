using System.Text.RegularExpressions;
using EventStream.PostgreSql;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The page about PostgreSQL has every table of the schema.</summary>
public sealed partial class PostgreSqlPageTests
{
    [Fact(Timeout = 30_000)]
    public void Tables_OfTheSchema_AreOnThePage()
    {
        var page = Page.Read("reference", "postgresql.md");

        var tables = Table().Matches(PostgreSqlSchema.Script()).Select(match => match.Groups[1].Value);

        var rows = page.Rows("## The schema").Where(row => row[0].StartsWith('`'));
        rows.SelectMany(row => Page.Code(row[0])).Should().BeEquivalentTo(tables);
    }

    [GeneratedRegex(@"CREATE TABLE ""eventstream""\.(\w+)")]
    private static partial Regex Table();
}
