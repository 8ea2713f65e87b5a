namespace EventStream.Testing.Logs.Rules;

/// <summary>Deletion of channels that have a run.</summary>
internal sealed class RunDroppingRules : RunLogRules
{
    public async Task Run_ItsChannelIsDropped_IsDroppedToo()
    {
        var run = await ClaimAsync(One, Claim("a"));
        await EndAsync(One, "a", EventStreamRunState.Complete);

        await Store.ForgetAsync(Name);

        Expect.Sequence(await ReadRunsAsync(Two, Name), []);
        Expect.Equal((await ReadAsync(One)).Run, null);
        Expect.Sequence(await AppendAsync(One, Fenced("late", "a")), [null]);
        var again = await ClaimAsync(Two, Claim("b"));
        ExpectRun(again, EventStreamRunState.Running, "b", again.Epoch);
        Expect.NotEqual(again.Epoch, run.Epoch);
    }
}
