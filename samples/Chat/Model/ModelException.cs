namespace Chat.Model;

/// <summary>The model failed, and its text may be shown to readers.</summary>
internal sealed class ModelException(string message) : Exception(message);
