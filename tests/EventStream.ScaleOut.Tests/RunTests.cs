namespace EventStream.ScaleOut.Tests;

public sealed class RunTests
{
    [Fact(Timeout = 120_000)]
    public async Task CtrlC_OnTheScript_NothingIsLeft()
    {
        await using var run = new ScaleOutRun();
        await run.InitializeAsync();
        run.Processes.Should().HaveCount(5).And.OnlyContain(process => Directory.Exists($"/proc/{process}"));
        Directory.Exists(run.Folder).Should().BeTrue();

        await run.InterruptAsync();

        run.Processes.Should().NotContain(process => Directory.Exists($"/proc/{process}"));
        Directory.Exists(run.Folder).Should().BeFalse();
    }
}
