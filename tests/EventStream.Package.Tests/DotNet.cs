using System.Diagnostics;

namespace EventStream.Package.Tests;

/// <summary>The <c>dotnet</c> command, run in a folder as a user would run it there.</summary>
internal static class DotNet
{
    // Native code of a whole app takes minutes on a small machine.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs the command to its end and returns what it printed; throws that if it failed.</summary>
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Limit) + await errors.WaitAsync(Limit);
            await process.WaitForExitAsync().WaitAsync(Limit);
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} failed:\n{output}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public static Process Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The build that runs the tests tells its own children where its tools are; a user's shell does not.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_NOLOGO"] = "1";
        return Process.Start(start)!;
    }
}
