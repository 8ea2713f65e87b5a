using EventStream.AspNetCore.Channels;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The history of a channel in memory: a model, and how it is retired.</summary>
public sealed class ChannelHistoryModelTests
{
    public enum ActKind
    {
        Append,
        Read,
        BeforeLast,
        DropOld,
    }

    [Property(Timeout = 60_000, MaxTest = 1200, Arbitrary = [typeof(ActLists)])]
    public void Use_AnySequenceOfActs_HistoryEqualsAPlainList(HistoryAct[] acts, bool latestByKey)
    {
        var options = new EventStreamChannelOptions { Capacity = 8, MaxBytes = 1024, LatestByKey = latestByKey };
        var history = new TestedHistory(options);
        var model = new ModelHistory(options);
        foreach (var act in acts) Do(act, history, model);
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_SomethingRetained_StaysOpen()
    {
        var history = new TestedHistory(new());
        history.Append("1", publishedAt: 1);

        history.History.TryRetireIdle(isKeptElsewhere: false, () => true).Should().BeFalse();
        history.Append("2", publishedAt: 1).Should().Be(2);
        history.EvictOlderThan(2);
        history.History.TryRetireIdle(isKeptElsewhere: false, () => true).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_Used_StaysOpen()
    {
        var history = new TestedHistory(new());

        history.History.TryRetireIdle(isKeptElsewhere: true, () => false).Should().BeFalse();

        history.History.IsRetired.Should().BeFalse();
        history.Append("1").Should().Be(1);
        history.Complete().Should().BeTrue();
        history.History.TryRetireIdle(isKeptElsewhere: false, () => true)
            .Should().BeTrue("a complete history may go although something is retained");
    }

    [Fact(Timeout = 30_000)]
    public async Task Retire_WhileTryRetireIdleLooksForUsers_IsFinal()
    {
        var history = new TestedHistory(new());

        history.History.TryRetireIdle(isKeptElsewhere: true, () =>
        {
            history.History.Retire();
            return false;
        }).Should().BeTrue();

        ShouldBeRetired(history);
    }

    [Fact(Timeout = 30_000)]
    public async Task TryRetireIdle_RetiredWithSomethingRetained_LeavesItRetired()
    {
        var history = new TestedHistory(new());
        history.Append("1");
        history.History.Retire();

        history.History.TryRetireIdle(isKeptElsewhere: false, () => false).Should().BeTrue();

        ShouldBeRetired(history);
    }

    private static void ShouldBeRetired(TestedHistory history)
    {
        history.History.IsRetired.Should().BeTrue();
        history.Append("2").Should().Be(0);
        history.History.TryComplete().Should().BeFalse();
        history.History.State.Should().Be(HistoryState.Retired);
    }

    private static void Do(HistoryAct act, TestedHistory history, ModelHistory model)
    {
        var now = model.Newest + 1;
        switch (act.Kind)
        {
            case ActKind.Append:
                var data = new string((char)('a' + (now % 26)), act.Number);
                history.Append(data, act.Key, now).Should().Be(now);
                model.Append(data, act.Key, TestedHistory.Encode(data).Size);
                break;
            case ActKind.Read:
                var after = Math.Max(0, model.Newest - act.Number);
                var read = history.Read(after, most: 3);
                if (model.IsGap(after)) read.Should().BeNull();
                else read!.Value.Messages.Should().Equal(model.After(after).Take(3));
                if (model.After(after).Count() <= 3 && read is not null) read.Value.Position.Should().Be(model.Newest);
                break;
            case ActKind.BeforeLast:
                history.DataAfter(history.BeforeLast(act.Number))
                    .Should().Equal(model.Live.TakeLast(act.Number).Select(message => message.Data));
                break;
            default:
                history.EvictOlderThan(now - act.Number);
                model.DropUpTo(now - act.Number - 1);
                break;
        }

        history.Size.Should().Be((model.Live.Count, model.Live.Sum(message => (long)message.Size)));
        history.BeforeOldest.Should().Be(model.Lost);
    }

    public readonly record struct HistoryAct(ActKind Kind, int Number, string? Key);

    /// <summary>Random acts of publishers, subscribers and retention.</summary>
    public static class ActLists
    {
        private static readonly Gen<HistoryAct> Act = Gen.Frequency(
            (
                6,
                from key in Gen.Elements<string?>(null, null, "a", "b", "c", "d", "e")
                from size in Gen.Frequency((9, Gen.Choose(0, 40)), (1, Gen.Choose(41, 800)))
                select new HistoryAct(ActKind.Append, size, key)),
            (3, Gen.Choose(0, 60).Select(back => new HistoryAct(ActKind.Read, back, null))),
            (1, Gen.Choose(0, 12).Select(count => new HistoryAct(ActKind.BeforeLast, count, null))),
            (1, Gen.Choose(0, 20).Select(back => new HistoryAct(ActKind.DropOld, back, null))));

        public static Arbitrary<HistoryAct[]> Lists() =>
            Arb.From(from count in Gen.Choose(0, 250) from list in Act.ArrayOf(count) select list, Smaller);

        private static IEnumerable<HistoryAct[]> Smaller(HistoryAct[] acts)
        {
            for (var half = acts.Length / 2; half > 0; half /= 2)
            {
                for (var start = 0; start + half <= acts.Length; start += half) yield return [.. acts[..start], .. acts[(start + half)..]];
            }
        }
    }

    /// <summary>A plain list that does what the history must do, without regard to speed.</summary>
    private sealed class ModelHistory(EventStreamChannelOptions options)
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

        public IEnumerable<(long Sequence, string Data)> After(long after) =>
            Live.Where(message => message.Sequence > after).Select(message => (message.Sequence, message.Data));

        private void Drop()
        {
            Lost = Live[0].Sequence;
            Live.RemoveAt(0);
        }
    }
}
