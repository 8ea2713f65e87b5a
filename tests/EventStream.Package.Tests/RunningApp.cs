using System.Diagnostics;

namespace EventStream.Package.Tests;

/// <summary>The app in its own process, on a port that the system chose.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly Process _process;

    private RunningApp(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Soon.Limit };
    }

    public HttpClient Client { get; }

    public static async Task<RunningApp> StartAsync(NewApp app, params string[] arguments)
    {
        var process = app.Start(["--urls", "http://127.0.0.1:0", .. arguments]);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            return new(process, await Announcement.ReadAddressAsync(process).OrFail("the address of the app"));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().OrFail("the end of the app");
        _process.Dispose();
    }
}
