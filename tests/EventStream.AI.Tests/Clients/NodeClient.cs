using System.Diagnostics;
using System.Text.Json;

namespace EventStream.AI.Tests.Clients;

/// <summary>A client from npm, in a process of its own: a script that prints what the client saw as JSON.</summary>
internal sealed class NodeClient : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private NodeClient(string script, string[] arguments)
    {
        var path = Repository.PathOf("tests", "EventStream.AI.Tests", "Clients", "Scripts", script);
        ProcessStartInfo start = new("node", [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public static NodeClient Start(string script, params string[] arguments) => new(script, arguments);

    public static async Task<JsonElement> RunAsync(string script, params string[] arguments)
    {
        using var client = Start(script, arguments);
        return await client.ResultAsync();
    }

    /// <summary>Waits until the client has ended, and reads what it printed.</summary>
    public async Task<JsonElement> ResultAsync()
    {
        await _process.WaitForExitAsync().OrFail($"the end of {_process.StartInfo.ArgumentList[0]}");
        (await _errors).Should().BeEmpty();
        return JsonElement.Parse(await _output);
    }

    /// <summary>Ends the client in the middle, as a page that is closed.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
