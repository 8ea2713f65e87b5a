using System.Text.RegularExpressions;

namespace EventStream.Package.Tests;

/// <summary>The log of the page about logs, exactly as it stands there, in a new app that checks it by the package.</summary>
public sealed class NewLog() : NewApp("Microsoft.NET.Sdk", ["EventStream.Testing.Logs"], LogAndStore() + Checks)
{
    // The log, and a store of it that drops nothing.
    private const string Checks = """
        internal static class Program
        {
            private static async Task Main()
            {
                foreach (var rule in LogContract.Rules)
                {
                    await LogContract.CheckAsync(rule, new MemoryLogStore());
                    Console.WriteLine($"kept: {rule}");
                }

                try
                {
                    await LogContract.CheckAsync(LogContract.RetentionRules[0], new ForgetfulStore());
                }
                catch (LogContractException exception)
                {
                    Console.WriteLine(exception.Message);
                }
            }

            private sealed class ForgetfulStore : LogStore
            {
                private readonly MemoryLog _log = new();

                public override Task<IEventStreamLog> OpenAsync() => Task.FromResult<IEventStreamLog>(_log);

                public override Task DropAsync(string channel, long through) => Task.CompletedTask;
            }
        }
        """;

    private static string LogAndStore()
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "guides", "write-a-log.md"));
        var blocks = Regex.Matches(page, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value).ToArray();
        return blocks[0] + blocks[1];
    }
}
