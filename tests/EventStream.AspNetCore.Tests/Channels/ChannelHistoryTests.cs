using EventStream.AspNetCore.Channels;
using FsCheck;
using FsCheck.Fluent;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The history of a channel in memory: the contract, a model, and how it is retired.</summary>
public sealed class ChannelHistoryTests(ITestOutputHelper output) : ChannelHistoryContract
{
    private static readonly Gen<LogAct> Act = Gen.Frequency(
        (6, from key in Gen.Elements<string?>(null, null, "a", "b", "c", "d", "e") from size in Gen.Frequency((9, Gen.Choose(0, 40)), (1, Gen.Choose(41, 800))) select new LogAct(LogActKind.Append, size, key)),
        (3, Gen.Choose(0, 60).Select(back => new LogAct(LogActKind.Read, back, null))),
        (1, Gen.Choose(0, 12).Select(count => new LogAct(LogActKind.BeforeLast, count, null))),
        (1, Gen.Choose(0, 20).Select(back => new LogAct(LogActKind.DropOld, back, null))));

    private enum LogActKind
    {
        Append,
        Read,
        BeforeLast,
        DropOld,
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnySequenceOfActs_IsWhatAPlainListDoes(bool latestByKey)
    {
        var acts = from count in Gen.Choose(0, 250) from list in Act.ArrayOf(count) select list;
        Infrastructure.Property.Holds(acts, Smaller, runs: 600, output, sequence =>
        {
            var options = new EventStreamChannelOptions { Capacity = 8, MaxBytes = 1024, LatestByKey = latestByKey };
            var log = Open(options);
            var model = new ModelLog(options);
            foreach (var act in sequence) Do(act, log, model);
        });
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_SomethingRetained_StaysOpen()
    {
        var log = new InMemory(new());
        log.Append("1", publishedAt: 1);

        log.History.TryRetireIdle(isKeptElsewhere: false, () => true).Should().BeFalse();
        log.Append("2", publishedAt: 1).Should().Be(2);
        log.DropOlderThan(2);
        log.History.TryRetireIdle(isKeptElsewhere: false, () => true).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_Used_StaysOpen()
    {
        var log = new InMemory(new());

        log.History.TryRetireIdle(isKeptElsewhere: true, () => false).Should().BeFalse();

        log.History.IsRetired.Should().BeFalse();
        log.Append("1").Should().Be(1);
        log.Complete().Should().BeTrue();
        log.History.TryRetireIdle(isKeptElsewhere: false, () => true).Should().BeTrue("a complete history may go although something is retained");
    }

    [Fact(Timeout = 30_000)]
    public async Task Retire_WhileTryRetireIdleLooksForUsers_IsFinal()
    {
        var log = new InMemory(new());

        log.History.TryRetireIdle(isKeptElsewhere: true, () =>
        {
            log.History.Retire();
            return false;
        }).Should().BeTrue();

        ShouldBeRetired(log);
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_RetiredWithSomethingRetained_LeavesItRetired()
    {
        var log = new InMemory(new());
        log.Append("1");
        log.History.Retire();

        log.History.TryRetireIdle(isKeptElsewhere: false, () => false).Should().BeTrue();

        ShouldBeRetired(log);
    }

    private protected override TestedLog Open(EventStreamChannelOptions options) => new InMemory(options);

    private static void ShouldBeRetired(InMemory log)
    {
        log.History.IsRetired.Should().BeTrue();
        log.Append("2").Should().Be(0);
        log.History.TryComplete().Should().BeFalse();
        log.History.State.Should().Be(HistoryState.Retired);
    }

    private static void Do(LogAct act, TestedLog log, ModelLog model)
    {
        var now = model.Newest + 1;
        switch (act.Kind)
        {
            case LogActKind.Append:
                var data = new string((char)('a' + (now % 26)), act.Number);
                log.Append(data, act.Key, now).Should().Be(now);
                model.Append(data, act.Key, InMemory.Encode(data).Size);
                break;
            case LogActKind.Read:
                var after = Math.Max(0, model.Newest - act.Number);
                var read = log.Read(after, most: 3);
                if (model.IsGap(after)) read.Should().BeNull();
                else read!.Value.Messages.Should().Equal(model.After(after).Take(3));
                if (model.After(after).Count() <= 3 && read is not null) read.Value.Position.Should().Be(model.Newest);
                break;
            case LogActKind.BeforeLast:
                log.DataAfter(log.BeforeLast(act.Number)).Should().Equal(model.Live.TakeLast(act.Number).Select(message => message.Data));
                break;
            default:
                log.DropOlderThan(now - act.Number);
                model.DropUpTo(now - act.Number - 1);
                break;
        }

        log.Size.Should().Be((model.Live.Count, model.Live.Sum(message => (long)message.Size)));
        log.BeforeOldest.Should().Be(model.Lost);
    }

    private static IEnumerable<LogAct[]> Smaller(LogAct[] acts)
    {
        for (var half = acts.Length / 2; half > 0; half /= 2)
        {
            for (var start = 0; start + half <= acts.Length; start += half) yield return [.. acts[..start], .. acts[(start + half)..]];
        }
    }

    private readonly record struct LogAct(LogActKind Kind, int Number, string? Key);

    /// <summary>What the log is to be, without any care for speed.</summary>
    private sealed class ModelLog(EventStreamChannelOptions options)
    {
        public List<(long Sequence, string Data, string? Key, int Size)> Live { get; } = [];

        public long Newest { get; private set; }

        public long Lost { get; private set; }

        public void Append(string data, string? key, int size)
        {
            Newest++;
            if (options.LatestByKey && key is not null) Live.RemoveAll(message => message.Key == key);
            while (Live.Count == options.Capacity || size + Live.Sum(message => message.Size) > options.MaxBytes) Drop();
            Live.Add((Newest, data, key, size));
        }

        public void DropUpTo(long sequence)
        {
            while (Live.Count > 0 && Live[0].Sequence <= sequence) Drop();
        }

        public bool IsGap(long after) => after < Lost;

        public IEnumerable<(long Sequence, string Data)> After(long after) => Live.Where(message => message.Sequence > after).Select(message => (message.Sequence, message.Data));

        private void Drop()
        {
            Lost = Live[0].Sequence;
            Live.RemoveAt(0);
        }
    }
}
