using System.Text.Json;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>The page about gaps is what the code says.</summary>
public sealed class GapPageTests
{
    private static readonly Page Page = Page.Read("reference", "gaps.md");

    [Fact(Timeout = 30_000)]
    public void Reasons_OfAGap_AreOnThePage() =>
        Page.Rows("## Reasons").SelectMany(row => Page.Code(row[0]))
            .Should().BeEquivalentTo(Enum.GetValues<EventStreamGapReason>().Select(GapJson.NameOf));

    [Fact(Timeout = 30_000)]
    public void Members_OfTheEvent_AreOnThePage()
    {
        EventStreamGap gap = new("prices", EventStreamGapReason.Evicted, "a", null, default, Lost: null);

        using var json = JsonDocument.Parse(GapJson.Of(gap).ToString()!);

        Page.Rows("## The members of the event").SelectMany(row => Page.Code(row[0]))
            .Should().Equal(json.RootElement.EnumerateObject().Select(member => member.Name));
    }
}
