using System.Diagnostics;

namespace EventStream.Package.Tests;

/// <summary>A new app in a folder of its own.</summary>
/// <remarks>Its only packages are the ones just packed, what they depend on, and the SDK's own tools.</remarks>
/// <param name="sdk">What kind of app it is.</param>
/// <param name="packages">The packages that it uses.</param>
/// <param name="program">Its code.</param>
/// <param name="properties">What its project sets beside the usual; empty, the default, is nothing.</param>
public abstract class NewApp(string sdk, string[] packages, string program, string properties = "") : IAsyncLifetime
{
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

    private readonly string _project = $"""
        <Project Sdk="{sdk}">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
            <RestorePackagesPath>packages</RestorePackagesPath>
            <NuGetAudit>false</NuGetAudit>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(packages.Select(ReferenceTo))}
          </ItemGroup>
        </Project>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventstream-");

    public string Folder => _folder.FullName;

    public string Assembly => Path.Combine(Folder, "bin", "Release", "net10.0", "App.dll");

    public async ValueTask InitializeAsync()
    {
        await WriteAsync("Program.cs", program);
        await WriteAsync("nuget.config", NuGetConfig);
        await WriteAsync("App.csproj", _project);

        // The build looks for these in the folders above as well, where they are not the app's.
        await WriteAsync("Directory.Build.props", "<Project />");
        await WriteAsync("Directory.Build.targets", "<Project />");
        await WriteAsync("Directory.Packages.props", "<Project />");
        try
        {
            await BuildAsync();
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

    /// <summary>Starts the app as a process.</summary>
    public virtual Process Start(params string[] arguments) => DotNet.Start(Folder, [Assembly, .. arguments]);

    protected virtual Task BuildAsync() => DotNet.RunAsync(Folder, "build", "-c", "Release");

    protected Task WriteAsync(string name, string content) => File.WriteAllTextAsync(Path.Combine(Folder, name), content);

    private static string ReferenceTo(string package) =>
        $"<PackageReference Include=\"{package}\" Version=\"[{new PackedLibrary(package).Version}]\" />";
}
