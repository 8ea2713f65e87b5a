using System.Diagnostics;

namespace EventStream.Browser.Tests.Sharing.Storms;

/// <summary>What happens to the tabs at random, and what they have seen of the messages.</summary>
internal sealed class Storm(SharingTabs tabs, Random random)
{
    private const int Tabs = 10;
    private const int MostFrozen = 2;
    private const string Path = "/numbers/prices";

    // Shorter than the longest freeze, and longer than a busy machine stalls a tab.
    private static readonly object Options = new { persist = true, leaderTimeout = 2_000 };

    private readonly List<SharingTab> _tabs = [];
    private readonly List<Freeze> _freezes = [];
    private readonly SortedDictionary<string, int> _deeds = [];
    private readonly List<string> _faults = [];
    private int _opened;
    private int _seen;
    private ConnectionTimes? _times;

    public IReadOnlyList<string> Faults => _faults;

    public async Task RunAsync(TimeSpan duration)
    {
        while (_tabs.Count < Tabs) await OpenAsync();
        using var end = new CancellationTokenSource();
        var publishing = PublishAsync(end.Token);
        var started = DateTimeOffset.UtcNow;
        while (DateTimeOffset.UtcNow - started < duration)
        {
            await ActAsync();
            await Task.Delay(random.Next(50, 300), CancellationToken.None);
        }

        foreach (var tab in _tabs.Where(tab => tab.IsFrozen).ToList()) await ThawAsync(tab);
        await end.CancelAsync();
        var last = await publishing;
        foreach (var tab in _tabs)
        {
            await tab.SeenAsync(last);
            await CheckAsync(tab);
        }

        await Soon.Until(() => tabs.Server.OpenConnections.Count == 1, "one connection is left");
        _times = new ConnectionTimes(tabs.Server.Connections, _freezes, started, DateTimeOffset.UtcNow);
        _faults.AddRange(_times.Faults);
    }

    public string Report() =>
        $"""
        {string.Join(", ", _deeds.Select(deed => $"{deed.Key} {deed.Value}"))}; {_seen} messages seen
        {_times}
        """;

    /// <summary>Publishes 100 numbers a second until it is cancelled, and returns the last.</summary>
    private async Task<int> PublishAsync(CancellationToken end)
    {
        var clock = Stopwatch.StartNew();
        var last = 0;
        while (!end.IsCancellationRequested)
        {
            var due = (int)(clock.ElapsedMilliseconds / 10);
            await tabs.Server.PublishAsync(last + 1, due);
            last = Math.Max(last, due);
            await Task.Delay(10, CancellationToken.None);
        }

        return last;
    }

    private async Task ActAsync()
    {
        var running = _tabs.Where(tab => !tab.IsFrozen).ToList();
        var tab = running[random.Next(running.Count)];
        switch (random.Next(8))
        {
            case 0 or 1 when running.Count < _tabs.Count:
                await ThawAsync(_tabs.First(each => each.IsFrozen));
                break;
            case 0 or 1 or 2 when _tabs.Count - running.Count < MostFrozen:
                await tab.FreezeAsync();
                _freezes.Add(new(tab.Name, DateTimeOffset.UtcNow));
                Count("freeze");
                break;
            case 3:
                await CheckAsync(tab);
                await ReplaceAsync(tab, tab.CloseAsync());
                Count("close");
                break;
            case 4:
                await CheckAsync(tab);
                await ReplaceAsync(tab, tab.CrashAsync());
                Count("crash");
                break;
            case 5:
                await tab.LeaveAsync();
                await tab.ReturnAsync();
                Count("navigation");
                break;
            case 6:
                await tab.ReloadAsync();
                Count("reload");
                break;
        }
    }

    private async Task ThawAsync(SharingTab tab)
    {
        await tab.ThawAsync();
        _freezes.Single(freeze => freeze.Tab == tab.Name && freeze.End is null).End = DateTimeOffset.UtcNow;
    }

    private async Task ReplaceAsync(SharingTab tab, Task goes)
    {
        _tabs.Remove(tab);
        await goes;
        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        var tab = await tabs.OpenAsync($"{++_opened}");
        await tab.StartAsync(Path, Options);
        _tabs.Add(tab);
    }

    private async Task CheckAsync(SharingTab tab)
    {
        var record = await tab.RecordAsync();
        var numbers = await tab.NumbersAsync();
        _seen += numbers.Count;
        for (var index = 1; index < numbers.Count; index++)
        {
            if (numbers[index] != numbers[index - 1] + 1) _faults.Add($"'{tab.Name}' saw {numbers[index]} after {numbers[index - 1]}");
        }

        if (record.Any(seen => seen.Type is "stream-gap" or "closed")) _faults.Add($"'{tab.Name}' saw a gap or an end");
    }

    private void Count(string deed) => _deeds[deed] = _deeds.GetValueOrDefault(deed) + 1;
}
