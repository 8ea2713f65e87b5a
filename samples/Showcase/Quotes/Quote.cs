namespace Showcase.Quotes;

internal sealed record Quote(string Text, string Author, string Work);
