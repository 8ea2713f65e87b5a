using System.Diagnostics;
using System.Text.Json;

namespace EventStream.Conformance.Tests.Module;

/// <summary>The module in Node.</summary>
internal sealed class ModuleInNode : IModuleHost
{
    public string Reader => "module-in-node";

    public async Task<IReadOnlyList<ModuleReading>> ReadAsync(Uri server, IEnumerable<ModuleRequest> requests)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [ModuleFiles.NodeReader, ModuleFiles.Module])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await using (var input = process.StandardInput.BaseStream)
            {
                await JsonSerializer.SerializeAsync(input, new { Address = server, Requests = requests }, JsonSerializerOptions.Web);
            }

            await Task.WhenAll(output, errors).OrFail("the end of Node");
            (await errors).Should().BeEmpty();
            return JsonSerializer.Deserialize<ModuleReading[]>(await output, JsonSerializerOptions.Web)!;
        }
        finally
        {
            process.Kill();
        }
    }
}
