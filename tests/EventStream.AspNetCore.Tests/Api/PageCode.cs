using EventStream.AspNetCore.Tests.Documents;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The C# blocks of a page, each compiled as a user would paste it.</summary>
/// <remarks>
/// A block is a program, types, or members of a class, such as a controller's actions. It may use the namespaces of all packages and of a
/// test project. It may also use the names of the <c>Given…</c> classes, and the types of other blocks of its page.
/// </remarks>
internal sealed class PageCode(MarkdownPage page)
{
    private const string Usings = """
        global using System.Net;
        global using System.Net.Http;
        global using System.Text;
        global using EventStream.AI;
        global using EventStream.Client;
        global using EventStream.Testing;
        global using EventStream.Testing.Logs;
        global using FluentAssertions;
        global using Xunit;
        global using static EventStream.AspNetCore.Tests.Api.GivenToClients;
        global using static EventStream.AspNetCore.Tests.Api.GivenToTests;
        """;

    private readonly string[] _blocks = [.. page.Blocks.Where(block => block.Language == "csharp").Select(block => block.Code)];

    /// <summary>What the compiler says against each block, with the block.</summary>
    public IEnumerable<string> Complaints =>
        from block in _blocks
        let complaints = ComplaintsOf(block)
        where complaints.Length > 0
        select $"{string.Join('\n', complaints)}\nin\n{block}";

    /// <summary>Those of the way that has the fewest, because the block is meant so.</summary>
    private string[] ComplaintsOf(string block)
    {
        string[]? fewest = null;
        foreach (var way in WaysToCompile(block))
        {
            var complaints = way.Complaints.ToArray();
            if (fewest is null || complaints.Length < fewest.Length) fewest = complaints;
            if (fewest.Length == 0) break;
        }

        return fewest!;
    }

    private IEnumerable<Snippet> WaysToCompile(string block)
    {
        var types = TypesBeside(block);
        yield return Snippet.Program(block, Usings, types);
        yield return Snippet.Types(block, Usings, types);
        yield return Snippet.Types($"{UsingsOf(Parse(block))} class Page {{ {Body(block)} }}", Usings, types);
    }

    /// <summary>The types of the other blocks, but for those that this block declares itself.</summary>
    private string TypesBeside(string block)
    {
        var own = TypesOf(Parse(block)).Select(NameOf).ToHashSet();
        var others = _blocks.Where(other => other != block).Select(Parse).ToArray();
        var types = others.SelectMany(TypesOf).Where(type => own.Add(NameOf(type)));
        return string.Join('\n', others.Select(UsingsOf).Concat(types.Select(type => type.ToFullString())));
    }

    private static CompilationUnitSyntax Parse(string block) => CSharpSyntaxTree.ParseText(block).GetCompilationUnitRoot();

    private static IEnumerable<MemberDeclarationSyntax> TypesOf(CompilationUnitSyntax block) =>
        block.Members.Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static string NameOf(MemberDeclarationSyntax type) =>
        type is BaseTypeDeclarationSyntax declared ? declared.Identifier.Text : ((DelegateDeclarationSyntax)type).Identifier.Text;

    private static string UsingsOf(CompilationUnitSyntax block) => block.Usings.ToFullString();

    private static string Body(string block) => block[Parse(block).Usings.FullSpan.End..];
}
