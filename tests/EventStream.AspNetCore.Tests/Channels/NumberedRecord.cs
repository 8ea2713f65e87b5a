using System.Text.Json;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The messages 1, 2, 3… that one subscriber received.</summary>
/// <remarks>Each must arrive once and in order, except those that a gap announced as lost.</remarks>
public sealed class NumberedRecord
{
    /// <summary>The number up to which every message was received, or announced as lost.</summary>
    public long Last { get; private set; }

    public long Lost { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>Takes an event in, and fails if it is not the one that must come next. False at the end of the channel.</summary>
    public bool Take(TestEvent next)
    {
        HasEnded.Should().BeFalse("nothing comes after the end, and '{0}' did", next.Data);
        switch (next.Event)
        {
            case "stream-gap":
                var lost = JsonDocument.Parse(next.Data).RootElement.GetProperty("lost").GetInt64();
                lost.Should().BePositive();
                Lost += lost;
                Last += lost;
                next.LastEventId.Should().EndWith($"-{Last}");
                break;
            case "stream-end":
                next.LastEventId.Should().EndWith($"-{Last}.end");
                HasEnded = true;
                break;
            default:
                Last++;
                next.Data.Split(' ')[0].Should().Be($"{Last}");
                next.LastEventId.Should().EndWith($"-{Last}");
                break;
        }

        return !HasEnded;
    }
}
