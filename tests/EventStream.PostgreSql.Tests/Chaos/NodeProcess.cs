using System.Diagnostics;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>A node in its own process, which can be killed with -9.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Process _process;

    private NodeProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a node.</summary>
    /// <param name="database">The database of the nodes.</param>
    /// <param name="lifetime">After how many seconds each stream ends.</param>
    /// <param name="drainTimeout">For how many seconds it drains when it stops.</param>
    /// <param name="address">Where it listens; null: on a free port.</param>
    /// <param name="hasStorm">Whether it has the streams of the revocation storm.</param>
    public static async Task<NodeProcess> StartAsync(
        string database, double lifetime, double drainTimeout = 0, Uri? address = null, bool hasStorm = false)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "NodeServer.dll"),
                "--urls",
                address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0",
                "--Database",
                database,
                "--Lifetime",
                FormattableString.Invariant($"{lifetime}"),
                "--DrainTimeout",
                FormattableString.Invariant($"{drainTimeout}"),
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

    /// <summary>SIGTERM, or SIGINT as by Ctrl+C: it begins to stop.</summary>
    public void BeginStop(bool interrupts = false) => Kill(Id, interrupts ? Interrupt : Terminate);

    /// <summary>Waits until it has stopped, and returns its exit code.</summary>
    public async Task<int> HasStoppedAsync()
    {
        await _process.WaitForExitAsync().OrFail("the end of the node");
        return _process.ExitCode;
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
