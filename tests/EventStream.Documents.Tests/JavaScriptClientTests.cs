using EventStream.Documents.Tests.Clients;
using EventStream.Documents.Tests.Pages;

namespace EventStream.Documents.Tests;

/// <summary>What clients of npm do, in Chromium, is what the guide says of them.</summary>
public sealed class JavaScriptClientTests(Chromium chromium)
{
    public static TheoryData<string> Clients() => [.. ClientTable.Rows.Keys];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Clients))]
    public async Task Client_OfTheTable_DoesWhatItsRowSays(string client)
    {
        await using var server = await AnswerServer.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        string[] seen =
        [
            await ReactionAsync("end"),
            await ReactionAsync("cut"),
            await ReactionAsync("204"),
            await ReactionAsync("503"),
            await KeepAliveAsync(),
            await IdAloneAsync(),
        ];

        seen.Should().Equal(ClientTable.Rows[client]);

        async Task<string> ReactionAsync(string answer)
        {
            await StartAsync(answer);
            return await BackAsync(answer) switch
            {
                null => "stops",
                "" => "comes back",
                _ => "comes back, with the position",
            };
        }

        async Task<string> KeepAliveAsync()
        {
            await StartAsync("keep-alive");
            await page.WaitForFunctionAsync("messages.includes('last')");
            return await page.EvaluateAsync<int>("messages.length") == 1 ? "nothing" : "an empty message";
        }

        async Task<string> IdAloneAsync()
        {
            await StartAsync("id");
            var position = await BackAsync("id");
            var message = await page.EvaluateAsync<int>("messages.indexOf('last')") == 0 ? "" : ", and an empty message";
            return (position == "1" ? "the position" : "nothing") + message;
        }

        // The page of the answer before is left, and its client with it.
        async Task StartAsync(string answer)
        {
            await page.GotoAsync(server.Address);
            await page.EvaluateAsync("([client, url]) => start(client, url)", new[] { client, $"/stream/{answer}" });
            await server.NextRequestAsync(answer).OrFail("the first request");
        }

        // The position with which the client comes back, empty for none; or null, if the client says that it stops.
        async Task<string?> BackAsync(string answer)
        {
            if (answer is "cut" or "id")
            {
                await page.WaitForFunctionAsync("messages.some(data => data)");
                server.Cut(answer);
            }

            var (back, stops) = (server.NextRequestAsync(answer), page.WaitForFunctionAsync("stopped"));
            _ = stops.ContinueWith(task => task.Exception, TaskScheduler.Default);
            await Task.WhenAny(back, stops).OrFail("that the client comes back, or says that it stops");
            return back.IsCompleted ? await back ?? "" : null;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Versions_OfTheScripts_AreNamedInTheGuides()
    {
        var scripts = Repository.PathOf("tests", "EventStream.Documents.Tests", "lib");
        var packages = Directory.EnumerateFiles(scripts, "package.json", SearchOption.AllDirectories);
        var versions = packages.Select(path => System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(path)).RootElement)
            .Select(package => $"{package.GetProperty("name")}@{package.GetProperty("version")}").ToArray();

        var text = string.Concat(RepositoryDocuments.All().Select(document => File.ReadAllText(Repository.PathOf(document))));

        versions.Should().HaveCountGreaterThan(5).And.OnlyContain(version => text.Contains(version));
    }
}
