using System.Diagnostics;

namespace EventStream.Package.Tests;

/// <summary>A new app in its own folder.</summary>
/// <remarks>Its only packages are those that the build has just packed, their dependencies, and the SDK's own tools.</remarks>
/// <param name="sdk">The kind of app.</param>
/// <param name="packages">The packages that it uses.</param>
/// <param name="program">Its code.</param>
/// <param name="properties">Further properties of its project; empty, the default, is none.</param>
public abstract class NewApp(string sdk, string[] packages, string program, string properties = "") : IAsyncLifetime
{
    // Offline, and with its own folder for packages: otherwise another build of the same version could be used.
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

    private static string Reference(string package) =>
        $"<PackageReference Include=\"{package}\" Version=\"[{new PackedLibrary(package).Version}]\" />";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventstream-");

    public string Folder => _folder.FullName;

    public string Assembly => Path.Combine(Folder, "bin", "Release", "net10.0", "App.dll");

    public async ValueTask InitializeAsync()
    {
        await WriteAsync("Program.cs", program);
        await WriteAsync("nuget.config", NuGetConfig);
        await WriteAsync("App.csproj", _project);

        // Without these files, the build would take those of a folder above, which are not the app's.
        await WriteAsync("Directory.Build.props", "<Project />");
        await WriteAsync("Directory.Build.targets", "<Project />");
        await WriteAsync("Directory.Packages.props", "<Project />");
        try
        {
            await BuildAsync();
        }
        catch
        {
            // xunit does not dispose a fixture whose start failed.
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
