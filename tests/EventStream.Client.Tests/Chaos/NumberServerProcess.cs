using System.Diagnostics;

namespace EventStream.Client.Tests.Chaos;

/// <summary>The server of numbers in its own process, which can be killed with -9.</summary>
internal sealed class NumberServerProcess : IDisposable
{
    private readonly Process _process;

    private NumberServerProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    public static async Task<NumberServerProcess> StartAsync(long first)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "NumberServer.dll"),
                "--urls",
                "http://127.0.0.1:0",
                "--First",
                $"{first}",
            },
            RedirectStandardOutput = true,
        })!;
        var server = new NumberServerProcess(process);
        try
        {
            server.Address = await Announcement.ReadAddressAsync(process).OrFail("the address of the server");
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL: no farewell, and every connection is reset.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
