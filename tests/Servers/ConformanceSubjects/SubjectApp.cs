namespace ConformanceSubjects;

/// <summary>What both servers have in common: an app that caches what is under <c>/cached</c>, and counts sources.</summary>
internal static class SubjectApp
{
    public static WebApplication Build(string url, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<RunningSources>();
        builder.Services.AddOutputCache(
            cache => cache.AddBasePolicy(
                policy => policy.With(context => context.HttpContext.Request.Path == "/cached").Expire(TimeSpan.FromMinutes(1))));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseOutputCache();
        app.MapGet("/sources", (RunningSources sources) => Results.Text($"{sources.Count}"));
        return app;
    }

    /// <summary>The body of a request as text.</summary>
    public static async Task<string> ReadTextAsync(this HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync();
    }
}
