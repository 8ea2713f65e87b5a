namespace Showcase.Trading;

/// <summary>One price, with a number of the market's own: by it a page can check that none is missing.</summary>
internal sealed record Price(long Number, string Symbol, double Value);
