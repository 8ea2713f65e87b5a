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

    public static string Text(string question) =>
        $"""
        You ask: “{question.Trim()}” Let me think about it aloud, one token at a time.

        What you read here is not made for you. It is a run: it was started by your question, it writes to a channel of its own, and it goes on whether somebody reads or not. Close this tab in the middle of a sentence, and the sentence is finished without you.

        Then come back. Your page says how far it has read, the channel has kept the rest, and the text goes on at the very next word: none is lost, and none comes twice. A friend who opens the same address reads the same answer from its beginning, and costs the model nothing.

        When all is said, the last event says so by its id, and nobody asks again. As to your question: begin at the beginning, and go on till you come to the end; then stop.
        """;

    [GeneratedRegex(@"\s*\S+")]
    private static partial Regex Token();
}
