using System.Diagnostics;

namespace EventStream.Browser.Tests.Module;

/// <summary>A program that a test runs in the folder of the module.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The folder of the module: its source, its tests, its output.</summary>
    public static string Folder { get; } = Repository.PathOf("src", "EventStream.Browser");

    /// <summary>The built files, as they are in the repository.</summary>
    public static string Wwwroot { get; } = Path.Combine(Folder, "wwwroot");

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Limit) + await errors.WaitAsync(Limit);
            await process.WaitForExitAsync().WaitAsync(Limit);
            return (process.ExitCode, output);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
