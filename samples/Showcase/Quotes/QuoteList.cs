namespace Showcase.Quotes;

/// <summary>Ten quotes that an event stream might have for mottoes.</summary>
internal static class QuoteList
{
    public static IReadOnlyList<Quote> Ten { get; } =
    [
        new(
            "Begin at the beginning, and go on till you come to the end: then stop.",
            "Lewis Carroll",
            "Alice’s Adventures in Wonderland"),
        new("Brevity is the soul of wit.", "William Shakespeare", "Hamlet"),
        new("For men may come and men may go, but I go on for ever.", "Alfred Tennyson", "The Brook"),
        new("They also serve who only stand and wait.", "John Milton", "Sonnet 19"),
        new("The moving finger writes; and, having writ, moves on.", "Edward FitzGerald", "Rubáiyát of Omar Khayyám"),
        new("Better three hours too soon than a minute too late.", "William Shakespeare", "The Merry Wives of Windsor"),
        new("Once more unto the breach, dear friends, once more.", "William Shakespeare", "Henry V"),
        new("What’s past is prologue.", "William Shakespeare", "The Tempest"),
        new("Time and the hour runs through the roughest day.", "William Shakespeare", "Macbeth"),
        new("The rest is silence.", "William Shakespeare", "Hamlet"),
    ];
}
