using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Documents;

public sealed class LineWidthTests
{
    private const int Widest = 140;

    [Fact(Timeout = 30_000)]
    public async Task Lines_OfEachSourceFile_FitIn140Columns()
    {
        var files = RepositoryFiles.Below().Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).ToArray();

        files.Should().Contain("src/EventStream.AspNetCore/EventStreamHub.cs");
        files.SelectMany(WideLinesOf).Should().BeEmpty();
    }

    private static IEnumerable<string> WideLinesOf(string file) =>
        from line in File.ReadLines(Repository.PathOf(file)).Index()
        where line.Item.Length > Widest
        select $"{file}({line.Index + 1}): {line.Item.Length} columns";
}
