using Microsoft.AspNetCore.Http.HttpResults;

namespace Showcase;

/// <summary>Serves the demos' own C# files, which are embedded when they are compiled.</summary>
internal static class SourceCode
{
    public static void MapSourceCode(this IEndpointRouteBuilder app) => app.MapGet("/source/{file}", Read);

    private static Results<FileStreamHttpResult, NotFound> Read(string file) =>
        typeof(SourceCode).Assembly.GetManifestResourceStream(file) is { } code
            ? TypedResults.Stream(code, "text/plain; charset=utf-8")
            : TypedResults.NotFound();
}
