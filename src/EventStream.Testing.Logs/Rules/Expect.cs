using System.Runtime.CompilerServices;

namespace EventStream.Testing.Logs.Rules;

/// <summary>The assertions of the rules. Their messages quote the compared expression from the rule's source.</summary>
internal static class Expect
{
    private const int MostShown = 20;

    public static void Equal<T>(T actual, T expected, string because = "", [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (EqualityComparer<T>.Default.Equals(actual, expected)) return;
        throw Broken(what, because, Show(expected), Show(actual));
    }

    public static void NotEqual<T>(T actual, T unexpected, string because = "", [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(actual, unexpected)) return;
        throw Broken(what, because, $"anything but {Show(unexpected)}", Show(actual));
    }

    public static void Sequence<T>(
        IEnumerable<T> actual, IEnumerable<T> expected, string because = "", [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        T[] got = [.. actual];
        T[] wanted = [.. expected];
        if (got.SequenceEqual(wanted)) return;
        throw Broken(what, because, Show(wanted), Show(got));
    }

    public static void Unique<T>(IEnumerable<T> actual, string because = "", [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        T[] got = [.. actual];
        if (got.Distinct().Count() == got.Length) return;
        throw Broken(what, because, "distinct values", Show(got));
    }

    public static void True(bool condition, string because = "", [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (condition) return;
        throw Broken(what, because, "true", "false");
    }

    /// <summary>Expects that a call throws an exception of a type.</summary>
    public static async Task<TException> ThrowsAsync<TException>(
        Func<Task> call, string because = "", [CallerArgumentExpression(nameof(call))] string what = "")
        where TException : Exception
    {
        try
        {
            await call();
        }
        catch (TException exception)
        {
            return exception;
        }
        catch (Exception exception) when (exception is not LogContractException)
        {
            throw Broken(what, because, typeof(TException).Name, exception.ToString(), exception);
        }

        throw Broken(what, because, typeof(TException).Name, "no exception");
    }

    private static LogContractException Broken(string what, string because, string expected, string actual, Exception? inner = null)
    {
        var reason = because.Length > 0 ? $" ({because})" : "";
        return new($"The log does not keep its contract.\n{what}\nexpected: {expected}{reason}\nthe log:  {actual}", inner);
    }

    private static string Show<T>(T[] values)
    {
        var shown = string.Join(", ", values.Take(MostShown).Select(value => Show(value)));
        return values.Length > MostShown ? $"[{shown}, …: {values.Length} in all]" : $"[{shown}]";
    }

    private static string Show<T>(T value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        _ => value.ToString() ?? "",
    };
}
