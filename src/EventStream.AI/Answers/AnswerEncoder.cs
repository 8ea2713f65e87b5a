using System.Text.Json.Serialization.Metadata;

namespace EventStream.AI.Answers;

/// <summary>Turns the updates of one answer into the messages of a protocol.</summary>
/// <remarks>
/// The loop of one <see cref="AnswerSequence"/> calls it: <see cref="Begin"/>, <see cref="Add(ChatResponseUpdate)"/> for each update, and
/// then one of <see cref="Finish"/>, <see cref="Stop"/> and <see cref="Fail"/>. It takes what they have added to <see cref="Output"/>.
/// </remarks>
internal abstract class AnswerEncoder
{
    private const string Refusal = "Refusal";

    private string? _messageId;

    /// <summary>The messages that were not taken yet.</summary>
    public List<EventStreamMessage> Output { get; } = [];

    /// <summary>The reason that the model gave last for its end; null if it gave none yet.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>The tokens of all steps of the answer; null if the model told none.</summary>
    protected UsageDetails? Usage { get; private set; }

    public abstract void Begin();

    /// <summary>The answer is whole.</summary>
    public abstract void Finish();

    /// <summary>The answer was stopped by its token.</summary>
    public abstract void Stop();

    /// <summary>The answer failed; readers get the text.</summary>
    public abstract void Fail(string text);

    /// <exception cref="ModelErrorException">The model has reported an error.</exception>
    public void Add(ChatResponseUpdate update)
    {
        FinishReason = update.FinishReason ?? FinishReason;
        BeginUpdate(update);
        if (update.MessageId is { } id && id != _messageId)
        {
            if (_messageId is not null) EndParts();
            _messageId = id;
        }

        foreach (var content in update.Contents) Add(content);
    }

    /// <summary>Called for each update, before its contents.</summary>
    protected virtual void BeginUpdate(ChatResponseUpdate update)
    {
    }

    /// <summary>Ends the text or the reasoning that is open, because something else follows.</summary>
    protected abstract void EndParts();

    protected abstract void AddText(string text);

    protected abstract void AddRefusal(string text);

    protected abstract void AddReasoning(string text);

    protected abstract void AddCall(FunctionCallContent call);

    protected abstract void AddResult(FunctionResultContent result);

    /// <summary>Adds content that not every protocol has; a protocol without it leaves it out.</summary>
    protected virtual void AddOther(AIContent content)
    {
    }

    protected void Write<T>(T part, JsonTypeInfo<T> contract) => Output.Add(EventStreamMessage.Json(part, contract));

    private void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                if (text.Text.Length > 0) AddText(text.Text);
                if (text.Annotations is { Count: > 0 }) AddOther(text);
                break;
            case TextReasoningContent reasoning:
                if (reasoning.Text.Length > 0) AddReasoning(reasoning.Text);
                break;
            case ErrorContent { ErrorCode: Refusal } refusal:
                if (refusal.Message.Length > 0) AddRefusal(refusal.Message);
                break;
            case ErrorContent error:
                throw new ModelErrorException(error);
            case FunctionCallContent call:
                AddCall(call);
                break;
            case FunctionResultContent result:
                AddResult(result);
                break;
            case UsageContent usage:
                (Usage ??= new()).Add(usage.Details);
                break;
            default:
                AddOther(content);
                break;
        }
    }
}
