using System.Reflection;
using EventStream.AspNetCore.Tests.Api.Listing;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>Nobody changes the public API of a package by accident, and a review sees the change as a changed line of text.</summary>
public sealed class PublicApiTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.AspNetCore")]
    [InlineData("EventStream.Client")]
    [InlineData("EventStream.PostgreSql")]
    [InlineData("EventStream.Testing")]
    [InlineData("EventStream.Testing.Logs")]
    public async Task PublicApi_OfAPackage_IsTheApprovedText(string package)
    {
        var approved = Repository.PathOf("tests", "EventStream.AspNetCore.Tests", "PublicApi", $"{package}.txt");
        var actual = ApiListing.Of(Assembly.Load(package));
        if (Environment.GetEnvironmentVariable("UPDATE_PUBLIC_API") == "1") await File.WriteAllTextAsync(approved, actual);

        (await File.ReadAllTextAsync(approved)).ReplaceLineEndings("\n").Should().Be(
            actual, "the files in PublicApi are the public API; if the change is meant, run 'UPDATE_PUBLIC_API=1 ./test --filter PublicApiTests' and commit them");
    }
}
