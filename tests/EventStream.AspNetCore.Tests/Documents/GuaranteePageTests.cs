using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>Each guarantee on its page names tests that there are.</summary>
public sealed partial class GuaranteePageTests
{
    private static readonly ILookup<string, string> Sources =
        Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

    [Fact(Timeout = 30_000)]
    public void Guarantees_OnThePage_NameTestsThatExist()
    {
        var guarantees = Page.Read("reference", "guarantees.md").Rows().ToArray();

        guarantees.Should().HaveCountGreaterThan(50);
        guarantees.Should().OnlyContain(row => row.Length == 3 && Page.Code(row[2]).Any());
        guarantees.SelectMany(row => Page.Code(row[2])).Where(test => !Exists(test)).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("GuaranteePageTests.Guarantees_OnThePage_NameTestsThatExist", true)]
    [InlineData("GuaranteePageTests.Guarantees_OnThePage_NameOthers", false)]
    [InlineData("GuaranteePageTests.Exists", false)]
    [InlineData("OtherPageTests.Guarantees_OnThePage_NameTestsThatExist", false)]
    public void Exists_Name_IsThatOfATest(string test, bool exists) => Exists(test).Should().Be(exists);

    private static bool Exists(string test) =>
        test.Split('.') is [var type, var method]
        && Sources[type].Any(source => Tests().Matches(source).Any(match => match.Groups[1].Value == method));

    // An attribute of a test, and the method that follows it.
    [GeneratedRegex(@"\[(?:Fact|Theory|Property)\b(?:(?!\bpublic\b).)*\bpublic [^\n(]*?(\w+)\(", RegexOptions.Singleline)]
    private static partial Regex Tests();
}
