using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace EventStream.ScaleOut.Tests.Infrastructure;

/// <summary>A sample as its script starts it, and its processes by their names.</summary>
/// <param name="script">The script, which is in the build's output.</param>
/// <param name="settings">Environment variables of the script and its nodes.</param>
public abstract partial class SampleNodes(string script, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);

    private readonly Lock _lock = new();
    private readonly List<(string Name, int Process)> _started = [];
    private readonly TaskCompletionSource<(Uri Address, string Folder)> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _script;

    public Uri Address { get; private set; } = null!;

    /// <summary>Where it keeps the database and the logs.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Every process that it has started so far.</summary>
    public IReadOnlyList<int> Processes
    {
        get
        {
            lock (_lock) return [.. _started.Select(started => started.Process)];
        }
    }

    public async ValueTask InitializeAsync()
    {
        var start = new ProcessStartInfo(
            "bash",
            [Path.Combine(AppContext.BaseDirectory, script)])
            {
                RedirectStandardOutput = true,
                Environment = { ["PORT"] = $"{FreePorts()}" },
            };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        _script = Process.Start(start)!;
        _script.OutputDataReceived += (_, line) => Read(line.Data);
        _script.BeginOutputReadLine();
        (Address, Folder) = await _ready.Task.WaitAsync(Limit);
    }

    /// <summary>Kills a process with -9, and waits until another has taken its place.</summary>
    /// <param name="name">Its name: that of a node, <c>nginx</c> or <c>postgres</c>.</param>
    public async Task KillAsync(string name)
    {
        var lives = Lives(name);
        using (var process = Process.GetProcessById(lives[^1])) process.Kill();
        await Soon.Until(() => Lives(name).Count > lives.Count, $"{name} is started again");
    }

    /// <summary>Presses Ctrl+C, and waits until it has ended.</summary>
    public async Task InterruptAsync()
    {
        using var signal = Process.Start("sh", ["-c", $"kill -INT {_script!.Id}"]);
        await _script.WaitForExitAsync().OrFail("the end of the script");
    }

    public async ValueTask DisposeAsync()
    {
        if (_script is null) return;
        // Killed as well, it takes along what it has started.
        try
        {
            if (!_script.HasExited) await InterruptAsync();
        }
        finally
        {
            _script.Kill();
            _script.Dispose();
        }
    }

    private List<int> Lives(string name)
    {
        lock (_lock) return [.. _started.Where(started => started.Name == name).Select(started => started.Process)];
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("The script ended; what it said is on the standard error."));
        }
        else if (Started().Match(line) is { Success: true } started)
        {
            lock (_lock) _started.Add((started.Groups[1].Value, int.Parse(started.Groups[2].Value)));
        }
        else if (Ready().Match(line) is { Success: true } ready)
        {
            _ready.TrySetResult((new(ready.Groups[1].Value), ready.Groups[2].Value));
        }
    }

    // Ten ports in a row, below those that Linux gives to outgoing connections.
    private static int FreePorts()
    {
        while (true)
        {
            var first = Random.Shared.Next(1_500, 3_200) * 10;
            try
            {
                for (var port = first; port < first + 4; port++)
                {
                    using var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                }

                return first;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
            }
        }
    }

    [GeneratedRegex(@"^(\w+) is process (\d+)$")]
    private static partial Regex Started();

    [GeneratedRegex(@"^Open (\S+) \(the logs are in (.+)\)$")]
    private static partial Regex Ready();
}
