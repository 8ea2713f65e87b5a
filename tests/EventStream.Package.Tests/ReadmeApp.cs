using System.Text.RegularExpressions;

namespace EventStream.Package.Tests;

/// <summary>README's first program, exactly as it stands there, as a new app.</summary>
public sealed class ReadmeApp() : NewApp("Microsoft.NET.Sdk.Web", ["EventStream.AspNetCore"], FirstBlock())
{
    private static string FirstBlock() =>
        Regex.Match(File.ReadAllText(Repository.PathOf("README.md")), "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
}
