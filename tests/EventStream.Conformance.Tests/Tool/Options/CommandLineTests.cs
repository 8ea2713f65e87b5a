using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool.Options;

public sealed class CommandLineTests
{
    private const string Address = "http://localhost:5000/events/all";

    [Fact(Timeout = 30_000)]
    public void Parse_AddressAlone_EverythingElseIsAsItIs()
    {
        var settings = CommandLine.Parse([Address]);

        settings.Stream.Should().Be(new Uri(Address));
        settings.Start.Should().BeNull();
        settings.IsJson.Should().BeFalse();
        settings.Headers.Should().BeEmpty();
        Role.All.Should().NotContain(role => settings.Has(role));
        settings.Limits.Should().BeEquivalentTo(new Limits());
    }

    [Fact(Timeout = 30_000)]
    public void Parse_EveryRole_IsKnownToTheSettings()
    {
        foreach (var role in Role.All)
        {
            var settings = CommandLine.Parse([role.Option, "/of-the-role", Address]);

            settings.The(role).Should().Be(new Uri("http://localhost:5000/of-the-role"));
        }
    }

    [Fact(Timeout = 30_000)]
    public void Parse_EveryLimit_IsSetAndNoOther()
    {
        foreach (var limit in Limit.All)
        {
            var limits = CommandLine.Parse([Address, limit.Option, "1234ms"]).Limits;

            Limit.All.Where(other => other.Get(limits) == TimeSpan.FromMilliseconds(1234)).Should().Equal(limit);
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/silent", "http://localhost:5000/silent")]
    [InlineData("silent", "http://localhost:5000/events/silent")]
    [InlineData("?quiet=1", "http://localhost:5000/events/all?quiet=1")]
    [InlineData("https://other/silent", "https://other/silent")]
    public void Parse_PathOfARole_IsOnTheSameServer(string value, string address) =>
        CommandLine.Parse([Address, "--silent", value]).The(Role.Silent).Should().Be(new Uri(address));

    [Fact(Timeout = 30_000)]
    public void Parse_LeaveTwice_BothInOrder() =>
        CommandLine.Parse([Address, "--leave", "/one", "--leave", "/two"]).All(Role.Leave).Select(address => address.AbsolutePath)
            .Should().Equal("/one", "/two");

    [Fact(Timeout = 30_000)]
    public void Parse_TheRest_IsTaken()
    {
        var settings = CommandLine.Parse(
            ["--json", "--start", "dotnet App.dll --urls x", "--header", "Authorization: Bearer a:b", "--header", "X-Two:2", Address]);

        settings.IsJson.Should().BeTrue();
        settings.Start.Should().Be("dotnet App.dll --urls x");
        settings.Headers.Select(header => $"{header.Key}={header.Value}").Should().Equal("Authorization=Bearer a:b", "X-Two=2");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Give the address of a stream", new string[0])]
    [InlineData("Give the address of a stream", new[] { "--json" })]
    [InlineData("localhost:5000 is no address of a web server. Give one that begins with http:// or https://", new[] { "localhost:5000" })]
    [InlineData("/events is no address of a web server", new[] { "/events" })]
    [InlineData(
        "ftp://server/x is no address of a web server. Give one that begins with http:// or https://, or a path",
        new[] { Address, "--silent", "ftp://server/x" })]
    [InlineData("There is no option --quiet. --help lists them all.", new[] { Address, "--quiet" })]
    [InlineData("--silent needs a value: --silent <url or path>.", new[] { Address, "--silent" })]
    [InlineData("--silent needs a value: --silent <url or path>.", new[] { Address, "--silent", "--json" })]
    [InlineData("--silent is given twice.", new[] { Address, "--silent", "/a", "--silent", "/b" })]
    [InlineData("--start needs a value: --start <command>.", new[] { Address, "--start" })]
    [InlineData(
        "--stall 20 is no time from 1ms to a day. Give a number and its unit, such as 200ms, 20s or 2m.",
        new[] { Address, "--stall", "20" })]
    [InlineData("--header needs a name and a value", new[] { Address, "--header", "Bearer" })]
    [InlineData("--header needs a name and a value", new[] { Address, "--header", "X: 1\nY: 2" })]
    [InlineData("One address is examined at a time, and /two is given beside " + Address, new[] { Address, "/two" })]
    public void Parse_Mistake_NamesWhatToGive(string message, string[] words)
    {
        var parsing = () => CommandLine.Parse(words);

        parsing.Should().Throw<UsageException>().Which.Message.Should().Contain(message);
    }
}
