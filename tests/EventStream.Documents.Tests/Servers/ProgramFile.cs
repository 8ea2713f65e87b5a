using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EventStream.Documents.Tests.Servers;

/// <summary>A program of a document, compiled as a new web app with the package would compile it.</summary>
internal static class ProgramFile
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using EventStream.AspNetCore;
        global using EventStream.Documents.Tests.Razor;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    // Of packages that a program may use; all else is in the shared framework. The tests' own has the components.
    private static readonly string[] Libraries =
    [
        "EventStream.AspNetCore.dll",
        "EventStream.Documents.Tests.dll",
        "Microsoft.AspNetCore.Authentication.JwtBearer.dll",
        "*IdentityModel*.dll",
    ];

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Writes the program and what it needs to run into a folder.</summary>
    /// <returns>The path of the program.</returns>
    /// <exception cref="InvalidOperationException">It does not compile without a complaint.</exception>
    public static string Write(string code, string folder)
    {
        var compilation = CSharpCompilation.Create(
            "App",
            [CSharpSyntaxTree.ParseText(code), CSharpSyntaxTree.ParseText(Usings)],
            References,
            new(
                OutputKind.ConsoleApplication,
                nullableContextOptions: NullableContextOptions.Enable,
                optimizationLevel: OptimizationLevel.Release));
        var program = Path.Combine(folder, "App.dll");
        var complaints = compilation.Emit(program).Diagnostics
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(diagnostic => diagnostic.ToString())
            .ToArray();
        if (complaints.Length > 0) throw new InvalidOperationException($"The program does not compile: {string.Join('\n', complaints)}");

        foreach (var library in Libraries.SelectMany(pattern => Directory.EnumerateFiles(AppContext.BaseDirectory, pattern)))
        {
            File.Copy(library, Path.Combine(folder, Path.GetFileName(library)));
        }

        // The frameworks are those of the tests.
        var own = Path.ChangeExtension(typeof(ProgramFile).Assembly.Location, "runtimeconfig.json");
        File.Copy(own, Path.Combine(folder, "App.runtimeconfig.json"));
        return program;
    }
}
