namespace EventStream.Package.Tests;

/// <summary>A new web app in a folder of its own, whose only package is the one just packed.</summary>
public sealed class NewApp : IAsyncLifetime
{
    private const string Program = """
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => Results.EventStream(lastEventId => Ticks(int.Parse(lastEventId ?? "0"))));
        app.Run();

        static async IAsyncEnumerable<EventStreamMessage> Ticks(int last)
        {
            for (var tick = last + 1; tick <= last + 3; tick++) yield return new() { Id = $"{tick}", Data = $"tick {tick}" };
            await Task.Delay(Timeout.Infinite);
        }
        """;

    // Offline, and from a folder for packages of its own: another build of the same version must not stand in for this one.
    private static readonly string NuGetConfig = $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="packed" value="{PackedLibrary.Folder}" />
          </packageSources>
          <packageSourceMapping>
            <clear />
          </packageSourceMapping>
          <fallbackPackageFolders>
            <clear />
          </fallbackPackageFolders>
        </configuration>
        """;

    private static readonly string Project = $"""
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
            <RestorePackagesPath>packages</RestorePackagesPath>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="{PackedLibrary.Id}" Version="[{PackedLibrary.Version}]" />
          </ItemGroup>
        </Project>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventstream-");

    public string Folder => _folder.FullName;

    public string Assembly => Path.Combine(Folder, "bin", "Release", "net10.0", "App.dll");

    public async ValueTask InitializeAsync()
    {
        await WriteAsync("Program.cs", Program);
        await WriteAsync("nuget.config", NuGetConfig);
        await WriteAsync("App.csproj", Project);

        // The build looks for these in the folders above as well, where they are not the app's.
        await WriteAsync("Directory.Build.props", "<Project />");
        await WriteAsync("Directory.Build.targets", "<Project />");
        await WriteAsync("Directory.Packages.props", "<Project />");
        try
        {
            await DotNet.RunAsync(Folder, "build", "-c", "Release");
        }
        catch
        {
            // Who fails to start is not disposed of.
            await DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private Task WriteAsync(string name, string content) => File.WriteAllTextAsync(Path.Combine(Folder, name), content);
}
