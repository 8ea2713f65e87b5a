using System.Text.Json;

namespace EventStream.AI;

/// <summary>The options that the streams of all protocols have.</summary>
/// <remarks>Set when it is made, and never changed afterwards. Safe to share between streams and threads.</remarks>
public abstract class AnswerStreamOptions
{
    internal const string DefaultErrorText = "The answer failed.";

    private protected AnswerStreamOptions()
    {
    }

    /// <summary>Returns the text that readers get when the answer, or one of its tools, fails.</summary>
    /// <remarks>
    /// The exception may contain secrets, such as addresses and keys, so do not return its text as it is. It is called on the thread of the
    /// answer. If it throws, readers get the default text.
    /// </remarks>
    /// <value>By default a fixed sentence that tells nothing of the exception. Not null.</value>
    public Func<Exception, string> ErrorText
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    = static _ => DefaultErrorText;

    /// <summary>The JSON options for arguments and results of tools.</summary>
    /// <value>
    /// <see cref="AIJsonUtilities.DefaultOptions"/> by default, which know JSON elements, text and numbers. Set your own for tools whose
    /// results are objects, in an app that is trimmed or compiled ahead of time. Not null.
    /// </value>
    public JsonSerializerOptions SerializerOptions
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    = AIJsonUtilities.DefaultOptions;

    /// <summary>Gets the text for readers; the default text if the app's function throws or returns null.</summary>
    internal string TextOf(Exception exception)
    {
        try
        {
            return ErrorText(exception) ?? DefaultErrorText;
        }
        catch (Exception)
        {
            // The exception that readers must learn of is the first one, and it is thrown after the text was written.
            return DefaultErrorText;
        }
    }
}
