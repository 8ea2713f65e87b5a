using System.Text;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The log rejects some of the messages that are appended together: those fail, and the others are published, in order.</summary>
public sealed class IsolationTests
{
    private static readonly EventStreamLogException Gone = new("the log is gone") { IsTransient = true };

    [Theory(Timeout = 30_000)]
    [InlineData("one", 100)]
    [InlineData("last", 100)]
    [InlineData("ten", 100)]
    [InlineData("adjacent", 100)]
    [InlineData("alternating", 100)]
    [InlineData("all but one", 100)]
    [InlineData("all", 100)]
    [InlineData("all", 1000)]
    public async Task Rejected_OfMany_FailAndTheOthersArePublishedInOrder(string which, int count)
    {
        bool IsBad(int i) => which switch
        {
            "one" => i == 0,
            "last" => i == count - 1,
            "ten" => i % 10 == 7,
            "adjacent" => i is >= 40 and < 60,
            "alternating" => i % 2 == 0,
            "all but one" => i != count - 1,
            _ => true,
        };
        await using var nodes = await Nodes.StartAsync(1);
        var tries = await Tries.HoldAsync(nodes);
        nodes.Log.Refuses = record => Text(record).StartsWith("bad", StringComparison.Ordinal);
        var publishing = Enumerable.Range(0, count).Select(i => nodes[0].GetChannel("news").SayAsync(IsBad(i) ? $"bad {i}" : $"{i}"))
            .ToArray();

        tries.Go();
        await Task.WhenAll(publishing).ContinueWith(_ => { }, TaskScheduler.Default).OrFail();

        publishing.Select(task => task.IsFaulted).Should().Equal(Enumerable.Range(0, count).Select(IsBad));
        (await TextsAsync(nodes, "news")).Should().Equal(Enumerable.Range(0, count).Where(i => !IsBad(i)).Select(i => $"{i}"));
        var bad = Enumerable.Range(0, count).Count(IsBad);
        tries.Count.Should().BeLessThanOrEqualTo(Math.Min(BisectionTests.Most(count, bad), (int)(1.6 * count) + 10));
    }

    /// <summary>Random channels, lists, rejections, moments without a log, and lost answers.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Rejected_AtRandomWhileTheLogComesAndGoes_FailAndTheOthersArePublishedOnceInOrder()
    {
        var random = new Random(20_260_101);
        for (var run = 0; run < 20; run++)
        {
            await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromHours(1));
            var share = run % 4 == 0 ? 1 : random.NextDouble();
            var faults = run % 2 == 0 ? 0 : 0.05;
            var tries = await Tries.HoldAsync(nodes);
            tries.EachTry = () =>
            {
                // The node has several writers, each with its own attempts.
                lock (random)
                {
                    nodes.Log.Unavailable = random.NextDouble() < faults ? Gone : null;
                    nodes.Log.LostAnswer = random.NextDouble() < faults ? new("the answer is lost") { IsOutcomeUnknown = true } : null;
                }
            };
            nodes.Log.Refuses = record => Text(record).StartsWith("bad", StringComparison.Ordinal);
            List<(string Channel, string[] Texts, Task Publishing)> published = [];
            for (var i = 0; i < 100; i++)
            {
                var channel = $"orders/{random.Next(1, 6)}";
                var isBad = random.NextDouble() < share;
                string[] texts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(part => $"{i}.{part}")];
                if (isBad) texts[random.Next(texts.Length)] = $"bad {i}";
                var metadata = new EventStreamMetadata { IdempotencyKey = $"{i}" };
                EventStreamMessage[] messages = [.. texts.Select(text => new EventStreamMessage { Data = text })];
                published.Add((channel, texts, nodes[0].GetChannel(channel).PublishBatchAsync(messages, metadata).AsTask()));
            }

            tries.Go();
            await nodes.AdvanceUntil(() => published.TrueForAll(one => one.Publishing.IsCompleted), "all answers");
            tries.EachTry = null;
            nodes.Log.Unavailable = null;

            published.Should().OnlyContain(
                one => one.Publishing.IsFaulted == one.Texts.Any(text => text.StartsWith("bad", StringComparison.Ordinal)));
            foreach (var channel in published.GroupBy(one => one.Channel))
            {
                var expected = channel.Where(one => !one.Publishing.IsFaulted).SelectMany(one => one.Texts);
                (await TextsAsync(nodes, channel.Key)).Should().Equal(expected, $"of run {run}");
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_ToAnotherChannelWhileEverythingOfOneIsRejected_DoesNotWaitForIt()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var tries = await Tries.HoldAsync(nodes);
        nodes.Log.Refuses = record => record.Channel == "orders/13";
        var refused = Enumerable.Range(0, 500).Select(i => nodes[0].GetChannel("orders/13").SayAsync($"{i}")).ToArray();
        var behind = nodes[0].GetChannel("news").SayAsync("in the same batch");
        Task<string>? later = null;
        var (atBehind, atLater) = (0, 0);
        tries.EachTry = () =>
        {
            if (tries.Count == 100) later = nodes[0].GetChannel("orders/1").SayAsync("later");
            if (atBehind == 0 && nodes.Log.Has("news")) atBehind = tries.Count;
            if (atLater == 0 && nodes.Log.Has("orders/1")) atLater = tries.Count;
        };

        tries.Go();
        await Task.WhenAll(refused).ContinueWith(_ => { }, TaskScheduler.Default).OrFail();

        await Task.WhenAll(behind, later!).OrFail();
        atBehind.Should().BeInRange(1, 50);
        atLater.Should().BeInRange(101, 150);
        refused.Should().OnlyContain(task => task.IsFaulted);
        tries.Count.Should().BeLessThan(530);
    }

    [Fact(Timeout = 30_000)]
    public async Task RejectsAll_OfManyMessages_FailsThemAtOnce()
    {
        await using var nodes = await Nodes.StartAsync(1);
        var tries = await Tries.HoldAsync(nodes);
        var publishing = Enumerable.Range(0, 200).Select(i => nodes[0].GetChannel($"orders/{i % 7}").SayAsync($"{i}")).ToArray();
        tries.EachTry = () => nodes.Log.Unavailable = new("a right is missing") { RejectsAll = true };

        tries.Go();

        foreach (var one in publishing)
        {
            await one.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamLogException>().WithMessage("a right is missing");
        }

        tries.Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancelled_WhileItWaitsForTheLogToComeBack_IsNotPublished()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromHours(1));
        using var cancellation = new CancellationTokenSource();
        nodes.Log.Unavailable = Gone;
        var tries = new Tries(nodes.Log);
        tries.Go();
        var waiting = nodes[0].GetChannel("news").PublishAsync("waiting", cancellationToken: cancellation.Token).AsTask();
        await Soon.Until(() => tries.Count == 1);

        await cancellation.CancelAsync();

        await waiting.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        nodes.Log.Unavailable = null;
        var next = nodes[0].GetChannel("news").SayAsync("next");
        await nodes.AdvanceUntil(() => next.IsCompleted, "published");
        (await next).Should().EndWith("-1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancelled_WhileItIsTried_IsNotTriedAgain()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromHours(1));
        using var cancellation = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        nodes.Log.Gate = _ => gate.Task;
        var tried = nodes[0].GetChannel("news").PublishAsync("tried", cancellationToken: cancellation.Token).AsTask();
        await Soon.Until(() => nodes.Log.Waiting == 1);
        nodes.Log.Unavailable = Gone;
        await cancellation.CancelAsync();
        tried.IsCompleted.Should().BeFalse("the log may append it");

        gate.SetResult();

        await tried.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancelled_AfterALostAnswer_ReportsThatItMayBePublished()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromHours(1));
        using var cancellation = new CancellationTokenSource();
        nodes.Log.LostAnswer = new("the answer is lost") { IsOutcomeUnknown = true };
        var tries = new Tries(nodes.Log);
        tries.Go();
        var message = new EventStreamMessage { Data = "a" };
        var publishing = nodes[0].GetChannel("news").PublishAsync(message, new() { IdempotencyKey = "order 7" }, cancellation.Token)
            .AsTask();
        await Soon.Until(() => tries.Count == 1 && nodes.Log.LostAnswer is null);
        nodes.Log.Unavailable = Gone;

        await cancellation.CancelAsync();
        await nodes.AdvanceUntil(() => publishing.IsCompleted, "given up");

        (await publishing.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>())
            .WithInnerException<EventStreamLogException>().Which.IsOutcomeUnknown.Should().BeTrue("the first attempt has appended it");
    }

    [Fact(Timeout = 30_000)]
    public async Task LostAnswer_ThenALogThatIsGone_IsStillUnknown()
    {
        await using var nodes = await Nodes.StartAsync(1, options: options => options.PublishWait = TimeSpan.FromSeconds(10));
        nodes.Log.LostAnswer = new("the answer is lost") { IsOutcomeUnknown = true };
        var tries = new Tries(nodes.Log);
        tries.Go();
        var publishing = nodes[0].GetChannel("news").SayAsync("a", new() { IdempotencyKey = "order 7" });
        await Soon.Until(() => tries.Count == 1 && nodes.Log.LostAnswer is null);
        nodes.Log.Unavailable = Gone;

        await nodes.AdvanceUntil(() => publishing.IsCompleted, "given up");

        (await publishing.Invoking(task => task).Should().ThrowAsync<EventStreamLogException>())
            .Which.IsOutcomeUnknown.Should().BeTrue("the first attempt has appended it");
    }

    private static string Text(EventStreamLogRecord record) => Encoding.UTF8.GetString(record.Frame.Span)["data: ".Length..].TrimEnd();

    private static async Task<string[]> TextsAsync(Nodes nodes, string channel)
    {
        var page = (await nodes.Log.ReadAsync([new(channel, 0, 10_000, int.MaxValue)], CancellationToken.None))[0];
        return [.. page.Records.Select(entry => Encoding.UTF8.GetString(entry.Frame.Span)["data: ".Length..].TrimEnd())];
    }

    /// <summary>Counts the tries to append, and holds the first until all that is published meanwhile is in one batch.</summary>
    private sealed class Tries
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Tries(SharedLog log) => log.Gate = records =>
        {
            if (records.Any(record => record.Channel.StartsWith('$'))) return Task.CompletedTask;
            Interlocked.Increment(ref _count);
            EachTry?.Invoke();
            return _gate.Task;
        };

        public int Count => Volatile.Read(ref _count);

        public Action? EachTry { get; set; }

        /// <summary>Returns when an append is under way.</summary>
        public static async Task<Tries> HoldAsync(Nodes nodes)
        {
            var tries = new Tries(nodes.Log);
            _ = nodes[0].GetChannel("orders/0").SayAsync("under way");
            await Soon.Until(() => tries.Count == 1);
            return tries;
        }

        /// <summary>Lets it go on. It is not counted.</summary>
        public void Go()
        {
            Volatile.Write(ref _count, 0);
            _gate.SetResult();
        }
    }
}
