using System.Runtime.CompilerServices;

namespace EventStream.AI.Answers;

/// <summary>The messages of an answer in a protocol, with the end that the protocol has for a failure and for a stop.</summary>
internal static class AnswerSequence
{
    /// <param name="updates">The answer.</param>
    /// <param name="encoderOf">Makes the encoder of one enumeration.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Stops the answer.</param>
    /// <exception cref="AnswerFailedException">The answer failed; the protocol's error was yielded before.</exception>
    public static async IAsyncEnumerable<EventStreamMessage> EncodeAsync<TOptions>(
        IAsyncEnumerable<ChatResponseUpdate> updates,
        Func<TOptions, AnswerEncoder> encoderOf,
        TOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TOptions : AnswerStreamOptions
    {
        var encoder = encoderOf(options);
        await using AnswerReader reader = new(updates, encoder, options, cancellationToken);
        encoder.Begin();
        bool more;
        do
        {
            foreach (var message in encoder.Output) yield return message;
            encoder.Output.Clear();
            more = await reader.ReadAsync();
        }
        while (more);

        foreach (var message in encoder.Output) yield return message;
        if (reader.Failure is { } failure) throw new AnswerFailedException(failure);
    }

    /// <summary>Plain text as the updates of an assistant.</summary>
    /// <remarks>The token of the enumeration stops it, which the encoding sequence passes on.</remarks>
    public static async IAsyncEnumerable<ChatResponseUpdate> UpdatesOf(
        IAsyncEnumerable<string> text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in text.WithCancellation(cancellationToken)) yield return new(ChatRole.Assistant, piece);
    }
}
