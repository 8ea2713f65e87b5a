using EventStream.PostgreSql.Hosting;

namespace EventStream.PostgreSql.Tests.Hosting;

public sealed class OwnDataSourceTests
{
    [Fact(Timeout = 30_000)]
    public async Task Settings_ThatTheConnectionStringLeavesOpen_AreWhatTheLogNeeds() =>
        OwnDataSource.Settings("Host=a").Should().BeEquivalentTo(new
        {
            Host = "a",
            Timeout = 5,
            CommandTimeout = 15,
            MaxPoolSize = 10,
            ApplicationName = "EventStream",
            TcpKeepAlive = true,
            Enlist = false,
        });

    [Fact(Timeout = 30_000)]
    public async Task Settings_OfTheConnectionString_Stay() =>
        OwnDataSource.Settings("Host=a;timeout=7;CommandTimeout=8;MaxPoolSize=9;Application Name=b;Tcp Keepalive=false")
            .Should().BeEquivalentTo(new
            {
                Timeout = 7,
                CommandTimeout = 8,
                MaxPoolSize = 9,
                ApplicationName = "b",
                TcpKeepAlive = false,
            });
}
