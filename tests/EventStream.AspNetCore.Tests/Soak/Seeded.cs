namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>Runs a test on random input, and says in its failure how to repeat it.</summary>
internal static class Seeded
{
    private const string Variable = "EVENTSTREAM_SEED";

    public static async Task RunAsync(Func<int, Task> test)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(Variable), out var given) ? given : Random.Shared.Next();
        try
        {
            await test(seed);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}; {Variable}={seed} repeats it. {exception.Message}", exception);
        }
    }
}
