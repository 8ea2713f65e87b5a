using System.Reflection;
using Microsoft.CodeAnalysis.CSharp;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>C# 14 brought static extension members; before it there is <c>Results.Extensions</c>.</summary>
public sealed class OlderCompilerTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("Results.Extensions.EventStream(Ticks())", "EventStreamResult")]
    [InlineData("Results.Extensions.EventStream(id => Feed(id))", "EventStreamResult")]
    [InlineData("Results.Extensions.EventStream(SseItems())", "EventStreamResult<Quote>")]
    [InlineData("Results.Extensions.EventStream(id => SseItems(id))", "EventStreamResult<Quote>")]
    [InlineData("Results.Extensions.EventStream(Quotes())", "EventStreamResult<Quote>")]
    [InlineData("Results.Extensions.EventStream(id => QuotesFrom(id))", "EventStreamResult<Quote>")]
    public void ResultsExtensions_CSharp13_Compiles(string code, string type)
    {
        var snippet = Snippet.Expression(code, LanguageVersion.CSharp13);

        snippet.Complaints.Should().BeEmpty();
        snippet.Type.Should().Be(type);
    }

    [Fact(Timeout = 30_000)]
    public void ResultsExtensions_EveryMethod_IsThatOfResults()
    {
        var ofResults = SignaturesOf(typeof(EventStreamResultsExtensions), skip: 0);

        ofResults.Should().NotBeEmpty();
        SignaturesOf(typeof(EventStreamResultExtensions), skip: 1).Should().BeEquivalentTo(ofResults);
        SignaturesOf(typeof(EventStreamTypedResultsExtensions), skip: 0).Should().BeEquivalentTo(ofResults);
    }

    [Fact(Timeout = 30_000)]
    public void Results_CSharp13_IsRefusedAndNamesTheVersionToUse() =>
        Snippet.Expression("Results.EventStream(Ticks())", LanguageVersion.CSharp13).Complaints.Should().ContainSingle()
            .Which.Should().Match("CS9260: *use language version 14.0 or greater.");

    private static IEnumerable<string> SignaturesOf(Type type, int skip) => type
        .GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Select(method => $"{method.ReturnType} {method.Name}({string.Join(", ", method.GetParameters().Skip(skip))})");
}
