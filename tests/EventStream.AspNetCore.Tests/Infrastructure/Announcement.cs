using System.Diagnostics;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>The line in which a server that runs as a process says where it listens.</summary>
public static class Announcement
{
    private const string Beginning = "Now listening on: ";

    /// <summary>Reads the process's output up to that line.</summary>
    /// <returns>The address.</returns>
    /// <exception cref="InvalidOperationException">The process ended first.</exception>
    public static async Task<Uri> ReadAddressAsync(Process process)
    {
        List<string> said = [];
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            var at = line.IndexOf(Beginning, StringComparison.Ordinal);
            if (at >= 0) return new(line[(at + Beginning.Length)..]);
        }

        throw new InvalidOperationException($"The server ended before it listened, and said: {string.Join('\n', said)}");
    }
}
