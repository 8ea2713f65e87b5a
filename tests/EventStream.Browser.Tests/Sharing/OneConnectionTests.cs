namespace EventStream.Browser.Tests.Sharing;

/// <summary>All tabs of an origin have one connection, and see the same messages.</summary>
[Collection(nameof(Tabs))]
public sealed class OneConnectionTests(Renderers renderers)
{
    private static readonly string[] Ten = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

    [Fact(Timeout = 60_000)]
    public async Task TenTabs_OneStream_OneConnectionAndTheSameMessages()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var ten = await tabs.StartAsync("/numbers/prices", null, Ten);
        await tabs.Server.OneConnectionAsync("1");

        await tabs.Server.PublishAsync(1, 100);

        foreach (var tab in ten) await tab.ShouldHaveSeenAsync(1, 100);
    }

    [Fact(Timeout = 60_000)]
    public async Task TenTabs_ThePageAsksForSomethingElse_ItGetsAnAnswer()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var ten = await tabs.StartAsync("/numbers/prices", null, Ten);

        (await ten[9].Page.EvaluateAsync<int>("async () => (await fetch('/elsewhere')).status").OrFail()).Should().Be(200);
    }

    [Fact(Timeout = 60_000)]
    public async Task TwoStreamsOfAPage_OneUrl_OneConnectionAndTheSameMessages()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var tab = (await tabs.StartAsync("/named/prices", null, "one"))[0];
        await tabs.Server.PublishAsync(1, 1);
        await tab.SeenAsync(1);
        await tab.Page.EvaluateAsync("""
            () => new Promise(opened => {
              const second = new EventStream("/named/prices", { shared: true, identity: "user" });
              window.another = [];
              second.onopen = opened;
              second.onmessage = e => another.push(e.data);
            })
            """);
        await tabs.Server.PublishAsync(2, 2);
        await tabs.Server.OneConnectionAsync("one");
        await tabs.Server.PublishAsync(3, 10);

        await tab.ShouldHaveSeenAsync(1, 10);
        await tab.Page.WaitForFunctionAsync("() => another.length >= 9").OrFail("the second stream has got what follows its start");
        (await tab.Page.EvaluateAsync<string[]>("() => another.map(data => data.split(' ')[0])"))
            .Should().Equal(Enumerable.Range(2, 9).Select(number => $"{number}"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("() => Object.defineProperty(navigator, 'locks', { value: undefined })")]
    [InlineData("() => { BroadcastChannel = class { constructor() { throw new DOMException('', 'SecurityError'); } }; }")]
    [InlineData("() => { BroadcastChannel = undefined; }")]
    public async Task Browser_WithoutWebLocksOrBroadcastChannel_ItsTabHasItsOwnConnectionAndOneWarning(string script)
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var tab = await tabs.OpenAsync("one");
        await tab.Page.EvaluateAsync(script);

        await tab.StartAsync("/numbers/prices");
        await tab.SeenAsync("open");
        await tabs.Server.PublishAsync(1, 3);

        await tab.ShouldHaveSeenAsync(1, 3);
        tab.Warnings.Should().ContainSingle().Which.Should().StartWith("warning: EventStream: this page cannot share its streams");
    }

    [Fact(Timeout = 60_000)]
    public async Task Page_WhoseSharedScriptDoesNotLoad_HasItsOwnConnectionAndAWarning()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var tab = await tabs.OpenAsync("one");
        await tab.Page.RouteAsync("**/event-stream-shared.js", route => route.FulfillAsync(new() { Status = 404 }));

        await tab.StartAsync("/numbers/prices");
        await tab.SeenAsync("open");
        await tabs.Server.PublishAsync(1, 3);

        await tab.ShouldHaveSeenAsync(1, 3);
        tab.Warnings.Should().ContainSingle(warning => warning.StartsWith("warning: ")).Which.Should().Contain("event-stream-shared.js");
    }

    [Fact(Timeout = 60_000)]
    public async Task Page_InASandboxThatMayNotUseLocks_HasItsOwnConnection()
    {
        await using var tabs = await SharingTabs.StartAsync(renderers);
        var tab = await tabs.OpenAsync("one");
        await tab.Page.EvaluateAsync("""
            () => {
              const received = type => new Promise(resolve =>
                  addEventListener("message", e => e.data.type === type && resolve(e.data.data)));
              [window.opened, window.first] = [received("open"), received("message")];
              const frame = document.createElement("iframe");
              frame.sandbox = "allow-scripts";
              frame.srcdoc = `<script type="module">
                import { EventStream } from "${location.origin}/module/event-stream.js";
                const stream = new EventStream("${location.origin}/numbers/prices", { shared: true, identity: "user" });
                stream.onopen = stream.onmessage = ({ type, data }) => parent.postMessage({ type, data }, "*");
              </` + "script>";
              document.body.append(frame);
            }
            """);
        await tab.Page.EvaluateAsync("() => opened").OrFail();

        await tabs.Server.PublishAsync(1, 1);

        (await tab.Page.EvaluateAsync<string>("() => first").OrFail()).Should().Be("1");
    }
}
