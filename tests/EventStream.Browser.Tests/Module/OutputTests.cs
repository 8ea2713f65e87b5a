using System.IO.Compression;

namespace EventStream.Browser.Tests.Module;

/// <summary>The built files of the module, which are in the repository so that a build of the packages needs no npm.</summary>
public sealed class OutputTests
{
    private const string Plain = "event-stream.js", Shared = "event-stream-shared.js";

    [Fact(Timeout = 150_000)]
    public async Task Output_InTheRepository_IsWhatTheSourceBuilds()
    {
        var folder = Directory.CreateTempSubdirectory("eventstream-");
        try
        {
            var (code, output) = await Command.RunAsync(Path.Combine(Command.Folder, "build"), folder.FullName);

            code.Should().Be(0, "{0}", output);
            const string Because = "src/EventStream.Browser/build makes it; run it, and commit what it writes";
            NamesIn(Command.Wwwroot).Should().Equal(NamesIn(folder.FullName), Because);
            foreach (var name in NamesIn(folder.FullName))
            {
                var built = await File.ReadAllTextAsync(Path.Combine(folder.FullName, name));
                (await File.ReadAllTextAsync(Path.Combine(Command.Wwwroot, name)) == built).Should().BeTrue("{0}: {1}", name, Because);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory(Timeout = 30_000)]
    [InlineData(2560, Plain)]
    [InlineData(5120, Plain, Shared)]
    public async Task Size_Gzipped_IsSmall(int most, params string[] scripts) =>
        scripts.Sum(GzippedSize).Should().BeLessThanOrEqualTo(most, "a page loads {0}", string.Join(" and ", scripts));

    private static string[] NamesIn(string folder) => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order()];

    // As `dotnet publish` compresses it for MapStaticAssets.
    private static long GzippedSize(string script)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(Path.Combine(Command.Wwwroot, script)));
        }

        return compressed.Length;
    }
}
