using System.Diagnostics;

namespace EventStream.Package.Tests;

/// <summary>A new web app that serves the module for browsers, in one of the framework's two ways.</summary>
public class BrowserApp() : NewApp("Microsoft.NET.Sdk.Web", ["EventStream.Browser"], Program)
{
    private const string Program = """
        var app = WebApplication.CreateBuilder(args).Build();
        if (app.Configuration["serve"] == "files") app.UseStaticFiles();
        else app.MapStaticAssets();
        app.Run();
        """;

    // An app that is not published has the files of its packages in Development alone.
    public override Process Start(params string[] arguments) => base.Start(["--environment", "Development", .. arguments]);
}

/// <summary>The same app, as <c>dotnet publish</c> makes it.</summary>
public sealed class PublishedBrowserApp : BrowserApp
{
    private string PublishFolder => Path.Combine(Folder, "published");

    public override Process Start(params string[] arguments) => DotNet.Start(PublishFolder, ["App.dll", .. arguments]);

    protected override Task BuildAsync() => DotNet.RunAsync(Folder, "publish", "-c", "Release", "-o", PublishFolder);
}
