namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">The word after the opening fence; empty if there is none.</param>
/// <param name="Code">Its lines, each with its line end.</param>
/// <param name="Line">The line of the page on which the opening fence is; 1 is the first.</param>
/// <param name="LineBefore">The line before the fence; empty if the fence is the first line.</param>
internal sealed record MarkdownBlock(string Language, string Code, int Line, string LineBefore);
