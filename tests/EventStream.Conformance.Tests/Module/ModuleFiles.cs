namespace EventStream.Conformance.Tests.Module;

/// <summary>The module for browsers as the repository has it, and the script that reads with it.</summary>
internal static class ModuleFiles
{
    public static string Module { get; } = Repository.PathOf("src", "EventStream.Browser", "wwwroot", "event-stream.js");

    public static string Reader { get; } = PathOf("ModuleReader.mjs");

    public static string NodeReader { get; } = PathOf("ReadInNode.mjs");

    /// <summary>Serves the module and the script to a page.</summary>
    public static void MapTo(WebApplication app)
    {
        app.MapGet("/module.js", () => Results.File(Module, "text/javascript"));
        app.MapGet("/reader.js", () => Results.File(Reader, "text/javascript"));
    }

    private static string PathOf(string script) => Path.Combine(AppContext.BaseDirectory, "Module", script);
}
