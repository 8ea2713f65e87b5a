using System.Text.RegularExpressions;

namespace EventStream.Package.Tests;

/// <summary>README's first program, exactly as it stands there, as a new app.</summary>
public sealed class ReadmeApp() : NewApp("Microsoft.NET.Sdk.Web", "EventStream.AspNetCore", FirstBlock("csharp"))
{
    /// <summary>README's first lines for a browser, exactly as they stand there.</summary>
    public static string Script => FirstBlock("js");

    private static string FirstBlock(string language) =>
        Regex.Match(File.ReadAllText(Repository.PathOf("README.md")), $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
}
