using System.Text.RegularExpressions;

namespace EventStream.Documents.Tests.Pages;

/// <summary>A block of a document that a browser runs.</summary>
/// <param name="Document">The path of the document in the repository.</param>
/// <param name="Line">The line in which the block begins.</param>
/// <param name="Code">Its text.</param>
/// <param name="IsScript">Whether it is JavaScript, and not HTML.</param>
/// <param name="Comment">The line before it, which says how it runs.</param>
/// <param name="Program">The last whole program before it in the document; null where there is none.</param>
internal sealed partial record BrowserBlock(string Document, int Line, string Code, bool IsScript, string Comment, string? Program)
{
    /// <summary>How the comment before a block is written.</summary>
    public const string Form = "<!-- runs with the server NAME, and shows: TEXT | TEXT -->";

    private Match Run => RunComment().Match(Comment);

    public bool SaysHowItRuns => Run.Success;

    /// <summary>The name of the server: <c>above</c> is the program before the block.</summary>
    public string Server => Run.Groups["server"].Value;

    /// <summary>What is clicked before the page shows its texts; empty if nothing is.</summary>
    public string Click => Run.Groups["click"].Value;

    /// <summary>The texts that the page must show, in any order.</summary>
    public string[] Texts => Run.Groups["texts"].Value.Split(" | ");

    [GeneratedRegex("^<!-- runs with the server (?<server>[a-z]+)(, clicks (?<click>[^,]+))?, and shows: (?<texts>.+) -->$")]
    private static partial Regex RunComment();
}
