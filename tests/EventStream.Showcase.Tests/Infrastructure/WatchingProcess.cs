using System.Diagnostics;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.Showcase.Tests.Infrastructure;

/// <summary>The console client of the live prices in its own process, with a folder for its position.</summary>
internal sealed class WatchingProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private WatchingProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static WatchingProcess Start(ShowcaseApp app, DirectoryInfo positions)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "PriceWatch.dll");
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, app.Address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = positions.FullName },
        };
        return new(Process.Start(start)!);
    }

    /// <summary>Reads its lines up to the first that is looked for.</summary>
    public async Task<IReadOnlyList<string>> ReadToAsync(Predicate<string> isLast, string what)
    {
        List<string> lines = [];
        do lines.Add(await ReadLineAsync().OrFail($"{what}; so far there is '{string.Join('\n', lines)}'"));
        while (!isLast(lines[^1]));
        return lines;
    }

    /// <summary>Presses Ctrl+C, and returns what it prints until it is gone.</summary>
    public async Task<IReadOnlyList<string>> LeaveAsync()
    {
        using var signal = Process.Start("sh", ["-c", $"kill -INT {_process.Id}"]);
        var rest = await _process.StandardOutput.ReadToEndAsync().OrFail("the end of its output");
        await _process.WaitForExitAsync().OrFail("its end");
        _process.ExitCode.Should().Be(0, await _errors);
        return rest.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().OrFail("the end of the console client");
        _process.Dispose();
    }

    private async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"It ended. It complained: {await _errors}");
}
