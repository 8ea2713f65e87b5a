using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Sources;

/// <summary>The JSON options of the app's minimal APIs, or their defaults where none are registered.</summary>
internal static class AppJson
{
    private static readonly JsonOptions Defaults = new();

    public static JsonSerializerOptions OptionsOf(HttpContext context) =>
        (context.RequestServices?.GetService<IOptions<JsonOptions>>()?.Value ?? Defaults).SerializerOptions;
}
