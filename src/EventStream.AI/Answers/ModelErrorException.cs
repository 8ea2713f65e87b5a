namespace EventStream.AI.Answers;

/// <summary>A model reported an error as content of its answer.</summary>
internal sealed class ModelErrorException(ErrorContent error)
    : Exception($"The model reported an error{(error.ErrorCode is { } code ? $" ({code})" : "")}: {error.Message}");
