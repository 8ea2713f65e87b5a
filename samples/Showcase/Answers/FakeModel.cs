using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Showcase.Answers;

/// <summary>A language model that has read one book, and takes as long over each token as the real ones.</summary>
internal static partial class FakeModel
{
    public static async IAsyncEnumerable<string> AnswerAsync(
        string question,
        Pace pace,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var token in TokensOf(Text(question)))
        {
            await pace.WaitAsync(beats: 0.15, cancellation);
            yield return token;
        }
    }

    /// <summary>Words, each with the space before it; put together again they are the text.</summary>
    public static IEnumerable<string> TokensOf(string text) => Token().Matches(text).Select(match => match.Value);

    private const string Run =
        "This text is not written for you alone. It is a run: your question started it, it publishes to its own channel, and it goes on "
        + "with or without a reader. Close this tab in the middle of a sentence, and the sentence is finished without you.";

    private const string Resume =
        "Then come back. Your page sends the position up to which it has read, the channel has kept the rest, and the text continues at "
        + "the next word: none is lost, and none comes twice. A friend who opens the same address reads the same answer from its "
        + "beginning, and costs the model nothing.";

    private const string End =
        "When the answer is complete, the last event says so by its id, and no client reconnects. As to your question: begin at the "
        + "beginning, and go on till you come to the end; then stop.";

    public static string Text(string question) =>
        $"""
        You ask: “{question.Trim()}” Let me think about it aloud, one token at a time.

        {Run}

        {Resume}

        {End}
        """;

    [GeneratedRegex(@"\s*\S+")]
    private static partial Regex Token();
}
