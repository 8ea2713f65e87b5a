using System.Text.RegularExpressions;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The C# of a Razor component: its <c>@code</c>, with what its directives add. The markup is not compiled.</summary>
internal sealed partial class RazorCode(string component)
{
    /// <summary>The component as a class, in an app whose <c>_Imports.razor</c> is that of the template.</summary>
    public string Class => $$"""
        using System.Net.Http;
        using EventStream.Client;
        using Microsoft.AspNetCore.Components;
        {{Each(Using(), "using $1;")}}
        class Component : ComponentBase{{Each(Implements(), ", $1")}}
        {
            {{Each(Inject(), "[Inject] $1 $2 { get; set; } = null!;")}}
            {{Code().Match(component).Groups[1].Value}}
        }
        """;

    private string Each(Regex directive, string code) => string.Concat(directive.Matches(component).Select(match => match.Result(code)));

    [GeneratedRegex(@"^@using (.+?);?$", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^@implements (.+)$", RegexOptions.Multiline)]
    private static partial Regex Implements();

    [GeneratedRegex(@"^@inject (\S+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Inject();

    [GeneratedRegex(@"^@code\s*\{(.*)^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
