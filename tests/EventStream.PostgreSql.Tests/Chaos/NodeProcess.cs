using System.Diagnostics;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>A node in its own process, which can be killed with -9.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Process _process;

    private NodeProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    public static async Task<NodeProcess> StartAsync(string database, double lifetime, bool hasStorm = false)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "NodeServer.dll"),
                "--urls",
                "http://127.0.0.1:0",
                "--Database",
                database,
                "--Lifetime",
                FormattableString.Invariant($"{lifetime}"),
                "--Storm",
                $"{hasStorm}",
            },
            RedirectStandardOutput = true,
        })!;
        try
        {
            return new(process, await Announcement.ReadAddressAsync(process).OrFail("the address of the node"));
        }
        catch
        {
            End(process);
            throw;
        }
    }

    /// <summary>SIGSTOP: it pauses, and its connections stay open.</summary>
    public void Freeze() => Kill(Id, Stop).Should().Be(0);

    /// <summary>SIGCONT: it continues where it paused.</summary>
    public void Thaw() => Kill(Id, Continue).Should().Be(0);

    /// <summary>SIGTERM: it says good-bye. Returns when it has ended.</summary>
    public async Task StopAsync()
    {
        Kill(Id, Terminate).Should().Be(0);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGKILL: no farewell, and every connection is reset.</summary>
    public void Dispose() => End(_process);

    private static int Kill(int process, int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
        return kill.ExitCode;
    }

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
