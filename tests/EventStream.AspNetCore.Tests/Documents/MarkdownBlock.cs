namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">The word after the opening fence; empty if there is none.</param>
/// <param name="Code">Its lines, each with its line end.</param>
internal sealed record MarkdownBlock(string Language, string Code);
