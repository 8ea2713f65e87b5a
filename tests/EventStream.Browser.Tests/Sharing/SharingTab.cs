using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace EventStream.Browser.Tests.Sharing;

/// <summary>A tab with the test page, in a process of its own.</summary>
internal sealed class SharingTab
{
    private readonly int _process;
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _standsStill;

    public SharingTab(string name, IPage page, int process)
    {
        (Name, Page, _process) = (name, page, process);
        page.Crash += (_, _) => _crashed.TrySetResult();
        page.Console += (_, message) =>
        {
            if (message.Type is "warning" or "error") Warnings.Add($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => Warnings.Add(error);
    }

    public string Name { get; }

    public IPage Page { get; }

    public bool IsFrozen => _standsStill is not null;

    /// <summary>Warnings and errors of the console, and exceptions that nothing caught.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Makes the page's stream.</summary>
    /// <param name="path">Where the stream is.</param>
    /// <param name="options">Options of the stream, beside <c>shared</c>, <c>identity</c> and <c>headers</c>.</param>
    public Task StartAsync(string path, object? options = null) =>
        Page.EvaluateAsync("([path, options]) => start(path, options)", new[] { path, options ?? new { } }).OrFail($"start of '{Name}'");

    /// <summary>Waits until the page has seen an event.</summary>
    public Task SeenAsync(string type, string data = "") =>
        Page.EvaluateAsync("([type, data]) => seen(type, data)", new[] { type, data }).OrFail($"'{type} {data}' in '{Name}'");

    /// <summary>Waits until the page has seen a number.</summary>
    public Task SeenAsync(int number) => SeenAsync("message", number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Everything that the page has seen, in order.</summary>
    public async Task<IReadOnlyList<TabEvent>> RecordAsync() =>
        JsonSerializer.Deserialize<TabEvent[]>(
            await Page.EvaluateAsync<string>("() => JSON.stringify(record)").OrFail($"record of '{Name}'"), JsonSerializerOptions.Web)!;

    /// <summary>The numbers of the messages that the page has seen, in order.</summary>
    public async Task<IReadOnlyList<int>> NumbersAsync() =>
        [.. from seen in await RecordAsync() where seen.Type == "message" select int.Parse(seen.Data, CultureInfo.InvariantCulture)];

    /// <summary>Waits for a number, and checks that the page has seen every number of a range once, in order.</summary>
    public async Task ShouldHaveSeenAsync(int first, int last)
    {
        await SeenAsync(last);
        (await NumbersAsync()).Should().Equal(Enumerable.Range(first, last - first + 1), $"'{Name}' sees each message once");
    }

    /// <summary>The tabs whose connections have brought the messages.</summary>
    public async Task<IReadOnlyList<string?>> CarriersAsync() =>
        [.. from seen in await RecordAsync() where seen.Type == "message" select seen.Carrier];

    /// <summary>How many positions the tab has kept.</summary>
    public Task<int> PositionsAsync() =>
        Page.EvaluateAsync<int>("() => Object.keys(sessionStorage).filter(key => key.startsWith('event-stream/')).length");

    /// <summary>Leads the tab to a page without a stream.</summary>
    public Task LeaveAsync() => Page.GotoAsync(new Uri(new Uri(Page.Url), "/elsewhere").ToString()).OrFail($"navigation of '{Name}'");

    /// <summary>Goes back to the page that the tab has left.</summary>
    /// <remarks>Playwright's own call does not return if the page comes from the back/forward cache.</remarks>
    public async Task ReturnAsync()
    {
        var address = Page.Url;
        await Page.EvaluateAsync("() => { history.back(); }").OrFail($"way back of '{Name}'");
        await Soon.Until(() => Page.Url != address, $"return of '{Name}'");
    }

    public Task ReloadAsync() => Page.ReloadAsync().OrFail($"reload of '{Name}'");

    /// <summary>Closes the page's stream, and keeps the tab.</summary>
    public Task CloseStreamAsync() => Page.EvaluateAsync("() => stream.close()").OrFail($"close() in '{Name}'");

    public Task CloseAsync() => Page.CloseAsync().OrFail($"close of '{Name}'");

    /// <summary>Kills the tab's process.</summary>
    public async Task CrashAsync()
    {
        await SignalAsync("KILL");
        await _crashed.Task.OrFail($"crash of '{Name}'");
    }

    /// <summary>Stops the tab's process, and proves that the page stands still.</summary>
    public async Task FreezeAsync()
    {
        await SignalAsync("STOP");
        await Soon.Until(() => StateOfProcess() == 'T', $"process of '{Name}' has stopped");
        _standsStill = Page.EvaluateAsync("() => 1");
        await Task.WhenAny(_standsStill, Task.Delay(200));
        _standsStill.IsCompleted.Should().BeFalse($"the process of '{Name}' has stopped");
    }

    /// <summary>Lets the tab's process run again, and waits until the page does.</summary>
    public async Task ThawAsync()
    {
        await SignalAsync("CONT");
        await _standsStill!.OrFail($"'{Name}' runs again");
        _standsStill = null;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process}"]);
        await kill.WaitForExitAsync();
    }

    // The third field of the line, after the name in parentheses.
    private char StateOfProcess()
    {
        var line = File.ReadAllText($"/proc/{_process}/stat");
        return line[line.LastIndexOf(')') + 2];
    }
}
