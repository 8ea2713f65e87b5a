using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>
/// A user's code, compiled as in an app with the package's implicit usings; <see cref="Given"/> is in reach, and nothing internal is.
/// </summary>
internal sealed class Snippet
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.ServerSentEvents;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using EventStream.AspNetCore;
        global using EventStream.AspNetCore.Tests.Api;
        global using EventStream.PostgreSql;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Http.HttpResults;
        global using Microsoft.AspNetCore.Mvc;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using static EventStream.AspNetCore.Tests.Api.Given;
        """;

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private readonly SyntaxTree _code;
    private readonly SemanticModel _model;

    private Snippet(string code, LanguageVersion language, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, params string[] files)
    {
        var parsing = new CSharpParseOptions(language);
        _code = CSharpSyntaxTree.ParseText(code, parsing);
        _model = CSharpCompilation
            .Create(
                "App",
                [_code, .. files.Append(Usings).Select(file => CSharpSyntaxTree.ParseText(file, parsing))],
                References,
                new(kind, nullableContextOptions: NullableContextOptions.Enable))
            .GetSemanticModel(_code);
    }

    /// <summary>The compiler's errors and warnings, as <c>CS0029: Cannot implicitly convert…</c>.</summary>
    public IEnumerable<string> Complaints => _model.GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
        .Select(diagnostic => $"{diagnostic.Id}: {diagnostic.GetMessage(null)}");

    /// <summary>The type that the compiler gives the expression.</summary>
    public string Type => NameOf(_model.GetTypeInfo(Value).Type);

    /// <summary>The first parameter's type of the method that the expression calls: it tells the overloads apart.</summary>
    public string FirstParameter => NameOf((_model.GetSymbolInfo(Value).Symbol as IMethodSymbol)?.Parameters[0].Type);

    /// <summary>The type of the expression where it is a lambda: the delegate that the compiler makes of it.</summary>
    public string DelegateType =>
        NameOf(((ILocalSymbol)_model.GetDeclaredSymbol(Variable)!).Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));

    private VariableDeclaratorSyntax Variable =>
        _code.GetRoot().DescendantNodes().OfType<VariableDeclaratorSyntax>().First(variable => variable.Identifier.Text == "value");

    private ExpressionSyntax Value => Variable.Initializer!.Value;

    /// <summary>The declared type of a parameter of the method that the expression calls; <c>this</c> does not count.</summary>
    public string ParameterAt(int place) =>
        NameOf((_model.GetSymbolInfo(Value).Symbol as IMethodSymbol)?.OriginalDefinition.Parameters[place].Type);

    public static Snippet Expression(string code, LanguageVersion language = LanguageVersion.CSharp14) =>
        Statement($"var value = {code};", language);

    public static Snippet Statement(string code, LanguageVersion language = LanguageVersion.CSharp14) =>
        Member($"async Task Run() {{ await Task.Yield(); {code} }}", language);

    public static Snippet Member(string code, LanguageVersion language = LanguageVersion.CSharp14) =>
        new($"class Snippet {{ {code} }}", language);

    /// <summary>A file of types, in a project that has the other files too.</summary>
    public static Snippet Types(string code, params string[] files) => new(code, LanguageVersion.CSharp14, files: files);

    /// <summary>A program of top-level statements, in a project that has the other files too.</summary>
    public static Snippet Program(string code, params string[] files) =>
        new(code, LanguageVersion.CSharp14, OutputKind.ConsoleApplication, files);

    private static string NameOf(ITypeSymbol? type) => type?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "";
}
