using System.Text.Json;
using System.Text.RegularExpressions;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The page about streams has every reason of an end, and every status.</summary>
public sealed partial class StreamPageTests
{
    private static readonly Page Page = Page.Read("reference", "streams.md");

    [Fact(Timeout = 30_000)]
    public void EndReasons_OfAStream_AreOnThePage() =>
        Page.Rows("## How a stream ends").SelectMany(row => Page.Code(row[0])).Distinct().Should().BeEquivalentTo(
            Enum.GetNames<EndReason>().Except([nameof(EndReason.None)]).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));

    [Fact(Timeout = 30_000)]
    public void Statuses_ThatTheLibraryAnswers_AreOnThePage()
    {
        var sources = Directory.EnumerateFiles(Repository.PathOf("src", "EventStream.AspNetCore"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText);

        var statuses = sources.SelectMany(source => Status().Matches(source)).Select(match => match.Groups[1].Value).ToHashSet();

        statuses.Should().Contain(["200", "204", "400", "503"]);
        Page.Rows("## HTTP statuses").SelectMany(row => Number().Matches(row[0])).Select(match => match.Value).Should().Contain(statuses);
    }

    [GeneratedRegex(@"StatusCodes\.Status(\d{3})")]
    private static partial Regex Status();

    [GeneratedRegex(@"\d{3}")]
    private static partial Regex Number();
}
