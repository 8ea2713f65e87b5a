using System.Runtime.CompilerServices;
using static EventStream.AI.Tests.Infrastructure.Answers;

namespace EventStream.AI.Tests.Golden;

/// <summary>What an answer ends with whose token is cancelled, and what the source of an answer gets.</summary>
public sealed class StopTests
{
    public static TheoryData<string, string> Protocols() => new()
    {
        { "ui", """{"type":"abort"}""" },
        { "openai", """{"error":{"message":"The answer was stopped.","type":"server_error","param":null,"code":"stopped"}}""" },
        { "ag-ui", """{"type":"RUN_FINISHED","threadId":"t","runId":"r","outcome":{"type":"cancelled"}}""" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Protocols))]
    public async Task Stop_WhileTheModelIsSilent_EndsWithTheProtocolsWord(string protocol, string last)
    {
        using CancellationTokenSource stop = new();

        var frames = await Frames.ReadAsync(Encode(Waiting(stop.Cancel, [Text("One ")]), protocol, stop.Token));

        frames[^1].Should().Be(last);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Protocols))]
    public async Task Stop_ByTheTokenOfTheEnumeration_EndsWithTheProtocolsWord(string protocol, string last)
    {
        using CancellationTokenSource stop = new();
        List<string> frames = [];

        await foreach (var message in Encode(Waiting(stop.Cancel, [Text("One ")]), protocol, default).WithCancellation(stop.Token))
        {
            frames.Add(message.Data.GetText(new()));
        }

        frames[^1].Should().Be(last);
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_OfASourceThatEndsInsteadOfThrowing_IsAStop()
    {
        using CancellationTokenSource stop = new();

        var frames = await Frames.ReadAsync(EndingQuietly(stop).ToUIMessageStream(stop.Token));

        frames[^1].Should().Be("""{"type":"abort"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_OfASourceThatIgnoresItsToken_EndsAtTheNextUpdate()
    {
        using CancellationTokenSource stop = new();
        List<string> frames = [];

        await foreach (var message in Long().ToUIMessageStream(stop.Token))
        {
            frames.Add(message.Data.GetText(new()));
            if (frames.Count == 5) await stop.CancelAsync();
        }

        frames.Should().HaveCountLessThan(10).And.EndWith("""{"type":"abort"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_AfterTheModelHasFinished_IsAFinish()
    {
        using CancellationTokenSource stop = new();

        var frames = await Frames.ReadAsync(FinishingAtTheStop(stop).ToUIMessageStream(stop.Token));

        frames[^1].Should().Be("""{"type":"finish","finishReason":"stop"}""");
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancellation_OfAnotherToken_IsAFailure()
    {
        var (frames, failure) = await Frames.ReadFailingAsync(Failing(new TaskCanceledException()).ToUIMessageStream());

        frames[^1].Should().Contain("\"error\"");
        failure.InnerException.Should().BeOfType<TaskCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Failure_WhoseTextFunctionThrows_TellsTheDefaultText()
    {
        UIMessageStreamOptions options = new() { ErrorText = _ => throw new NotSupportedException() };

        var (frames, failure) = await Frames.ReadFailingAsync(Failing(new IOException()).ToUIMessageStream(options));

        frames[^1].Should().Be("""{"type":"error","errorText":"The answer failed."}""");
        failure.InnerException.Should().BeOfType<IOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_OfAReaderThatLeaves_IsClosed()
    {
        var closed = false;

        await foreach (var message in Closing(() => closed = true).ToUIMessageStream())
        {
            if (message.Data.GetText(new()).Contains("text-delta")) break;
        }

        closed.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Source_ThatFailsAsItCloses_IsAFailureBeforeTheEnd()
    {
        var (frames, _) = await Frames.ReadFailingAsync(new UnclosableAnswer().ToUIMessageStream());

        frames[^1].Should().Contain("\"error\"");
        frames.Should().NotContain(frame => frame.Contains("\"finish\""));
    }

    private static IAsyncEnumerable<EventStreamMessage> Encode(
        IAsyncEnumerable<ChatResponseUpdate> answer, string protocol, CancellationToken stop) => protocol switch
    {
        "ui" => answer.ToUIMessageStream(stop),
        "openai" => answer.ToChatCompletionStream(stop),
        _ => answer.ToAGUIStream(new() { ThreadId = "t", RunId = "r" }, stop),
    };

    private static async IAsyncEnumerable<ChatResponseUpdate> EndingQuietly(
        CancellationTokenSource stop, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return Text("One ");
        await stop.CancelAsync();
        if (cancellationToken.IsCancellationRequested) yield break;
        yield return Text("two.");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> FinishingAtTheStop(CancellationTokenSource stop)
    {
        yield return new(ChatRole.Assistant, "One.") { FinishReason = ChatFinishReason.Stop };
        await Task.Yield();
        _ = stop.CancelAsync();
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Long()
    {
        // Not without an end, so that a defect is a failure and no endless test.
        for (var n = 0; n < 1000; n++)
        {
            await Task.Yield();
            yield return Text("on ");
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Closing(Action close)
    {
        try
        {
            while (true)
            {
                await Task.Yield();
                yield return Text("on ");
            }
        }
        finally
        {
            close();
        }
    }

    /// <summary>An empty answer that cannot be closed. An iterator would throw earlier, at its end.</summary>
    private sealed class UnclosableAnswer : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
    {
        public ChatResponseUpdate Current => null!;

        public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => new(false);

        public ValueTask DisposeAsync() => throw new IOException();
    }
}
