namespace EventStream.Documents.Tests.Clients;

/// <summary>The table of the guide to JavaScript clients that says what each client does.</summary>
internal static class ClientTable
{
    public const string Document = "docs/guides/javascript-clients.md";

    /// <summary>The cells of each row by the name of its client, but for the first cell.</summary>
    public static IReadOnlyDictionary<string, string[]> Rows { get; } = Page.Read("guides", "javascript-clients.md")
        .Rows("## What each client does")
        .ToDictionary(cells => Page.Code(cells[0]).First(), cells => cells[1..]);
}
