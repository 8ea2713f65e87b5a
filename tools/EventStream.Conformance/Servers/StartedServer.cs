using System.Diagnostics;
using System.Runtime.InteropServices;
using EventStream.Conformance.Options;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Servers;

/// <summary>The server under test as a process that the tool started, and ends.</summary>
internal sealed class StartedServer : IDisposable
{
    private static readonly TimeSpan Outcry = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly LastOutput _output;
    private readonly PosixSignalRegistration[] _signals;

    private StartedServer(Process process)
    {
        _process = process;

        // A signal that ends the tool ends the server, too.
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Kill()),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Kill()),
        ];
        _output = new(process.StandardOutput, process.StandardError);
    }

    /// <summary>Starts the command and waits until something listens at the address.</summary>
    /// <param name="command">
    /// Run by <c>/bin/sh</c> (on Windows by <c>cmd</c>), which the server replaces, so that a signal reaches it.
    /// </param>
    /// <param name="address">Where it will listen.</param>
    /// <param name="limit">How long it may take.</param>
    /// <exception cref="UsageException">Something listens there already, or the server did not come to it.</exception>
    public static async Task<StartedServer> StartAsync(string command, Uri address, TimeSpan limit)
    {
        if (await Port.AnswersAsync(address))
        {
            throw new UsageException($"Something listens at {address.Authority} already. End it, or leave out --start.");
        }

        var server = new StartedServer(Process.Start(StartInfo(command))!);
        try
        {
            await server.ListenAsync(address, limit);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Asks the process to end (SIGTERM).</summary>
    /// <exception cref="PlatformNotSupportedException">This is Windows, which has no such signal.</exception>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        _ = Signal.Send(_process.Id, Signal.Terminate);
    }

    /// <summary>Whether the process has ended within the limit.</summary>
    public async Task<bool> HasEndedAsync(TimeSpan limit)
    {
        await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(limit));
        return _process.HasExited;
    }

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        Kill();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string command)
    {
        var info = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"]);
        info.RedirectStandardOutput = info.RedirectStandardError = true;
        return info;
    }

    private async Task ListenAsync(Uri address, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (!await Port.AnswersAsync(address))
        {
            if (_process.HasExited)
            {
                throw new UsageException(
                    $"The server of --start ended with exit code {_process.ExitCode} before it listened at "
                    + $"{address.Authority}.{await LastWordsAsync()}");
            }

            if (deadline.Left == TimeSpan.Zero)
            {
                throw new UsageException(
                    $"The server of --start does not listen at {address.Authority} after {Duration.Show(limit)}; "
                    + $"--ready gives it longer.{await LastWordsAsync()}");
            }

            await Task.Delay(50);
        }
    }

    private async Task<string> LastWordsAsync()
    {
        // Its output is read beside it, and may be behind.
        if (_process.HasExited) await Task.WhenAny(_output.End, Task.Delay(Outcry));
        var lines = _output.Lines();
        return lines.Count == 0 ? "" : $" It said last:\n  {string.Join("\n  ", lines)}";
    }

    private void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }
}
