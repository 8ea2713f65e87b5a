using System.Diagnostics;
using EventStream.Documents.Tests.Pages;

namespace EventStream.Documents.Tests.Servers;

/// <summary>What serves a block's page: the program above it, as a process, or a server of the tests by its name.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventstream-page-");
    private Process? _process;
    private WebApplication? _app;

    private PageServer()
    {
    }

    public Uri Address { get; private set; } = null!;

    public static async Task<PageServer> StartAsync(BrowserBlock block)
    {
        var server = new PageServer();
        try
        {
            BrowserPage.Write(block, server._folder.FullName);
            await (block.Server == "above" ? server.StartProgramAsync(block.Program) : server.StartNamedAsync(block.Server));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartProgramAsync(string? code)
    {
        if (code is null) throw new InvalidOperationException("There is no program above the block.");
        var program = ProgramFile.Write(code, _folder.FullName);
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [program, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Address = await Announcement.ReadAddressAsync(_process).OrFail("the address of the program");
        // Read to its end, because a process whose pipe is full stands still.
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    private async Task StartNamedAsync(string name)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _folder.FullName });
        builder.Logging.ClearProviders();
        _app = NamedServers.Build(name, builder);
        _app.UseFileServer();
        _app.Urls.Add("http://127.0.0.1:0");
        await _app.StartAsync();
        Address = new(_app.Urls.Single());
    }
}
