using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EventStream.AspNetCore.Tests.Documents;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>Each public option says in its documentation what it is, and what its default is.</summary>
public sealed partial class OptionDocumentationTests
{
    public static IEnumerable<TheoryDataRow<Type, string>> Options =>
        from type in PublicOptions.Types
        from option in PublicOptions.Of(type)
        select new TheoryDataRow<Type, string>(type, option.Name);

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Options))]
    public void Option_InItsDocumentation_HasASentenceAndADefault(Type type, string name)
    {
        var member = Documentation(type.Assembly).Single(member => member.Attribute("name")!.Value == $"P:{type.FullName}.{name}");
        var summary = TextOf(member.Element("summary"));

        summary.Should().EndWith(".");
        Sentence().Count(summary).Should().Be(1, "a summary is one sentence: {0}", summary);
        summary.Split(' ').Should().HaveCountLessThanOrEqualTo(20, "a summary is short: {0}", summary);
        TextOf(member.Element("value")).Should().MatchRegex("(?i)default", "the value says the default");
    }

    private static IEnumerable<XElement> Documentation(Assembly package) =>
        XDocument.Load(Path.ChangeExtension(package.Location, ".xml")).Root!.Element("members")!.Elements("member");

    private static string TextOf(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Shown)), " ").Trim();

    // A reference is one word, as the reader sees it.
    private static string Shown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } => "it",
        XElement element => TextOf(element),
        _ => "",
    };

    [GeneratedRegex(@"[.!?](\s|$)")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
