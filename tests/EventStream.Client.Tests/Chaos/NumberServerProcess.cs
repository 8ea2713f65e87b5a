using System.Diagnostics;

namespace EventStream.Client.Tests.Chaos;

/// <summary>The server of numbers as a process of its own, which can be killed with -9.</summary>
internal sealed class NumberServerProcess : IDisposable
{
    private const string Announcement = "Now listening on: ";

    private readonly Process _process;

    private NumberServerProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    public static async Task<NumberServerProcess> StartAsync(long first)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "NumberServer.dll"), "--urls", "http://127.0.0.1:0", "--First", $"{first}" },
            RedirectStandardOutput = true,
        })!;
        var server = new NumberServerProcess(process);
        try
        {
            server.Address = await ReadAddressAsync(process).OrFail("the address of the server");
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

    private static async Task<Uri> ReadAddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf(Announcement, StringComparison.Ordinal);
            if (at >= 0) return new(line[(at + Announcement.Length)..]);
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }
}
