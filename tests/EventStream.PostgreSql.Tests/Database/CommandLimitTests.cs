using EventStream.PostgreSql.Database;
using Npgsql;

namespace EventStream.PostgreSql.Tests.Database;

public sealed class CommandLimitTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("Host=a;Command Timeout=0", 30)]
    [InlineData("Host=a;Command Timeout=7", 7)]
    public async Task Limited_OfAConnectionString_IsItsOwnOrThirtySeconds(string connectionString, int seconds)
    {
        await using var connection = new NpgsqlConnection(connectionString);

        connection.CreateBatch().Limited().Timeout.Should().Be(seconds);
        connection.CreateCommand().Limited().CommandTimeout.Should().Be(seconds);
    }
}
