using EventStream.AspNetCore.Tests.Api.Listing;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>Nobody changes the public API by accident, and a review sees the change as a changed line of text.</summary>
public sealed class PublicApiTests
{
    private static readonly string Approved = Repository.PathOf("tests", "EventStream.AspNetCore.Tests", "PublicApi.txt");

    [Fact(Timeout = 30_000)]
    public void PublicApi_OfTheAssembly_IsTheApprovedText()
    {
        var actual = ApiListing.Of(typeof(EventStreamMessage).Assembly);
        if (Environment.GetEnvironmentVariable("UPDATE_PUBLIC_API") == "1") File.WriteAllText(Approved, actual);

        File.ReadAllText(Approved).ReplaceLineEndings("\n").Should().Be(
            actual, "PublicApi.txt is the public API; if the change is meant, run 'UPDATE_PUBLIC_API=1 ./test --filter PublicApiTests' and commit the file");
    }
}
