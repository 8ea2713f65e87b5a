using System.Text;
using EventStream.AspNetCore.Runs;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>The records of an append are found among others only where they are whole.</summary>
public sealed class BatchSearchTests
{
    [Theory]
    [InlineData("a b", "a b", true)]
    [InlineData("a b", "x a b y", true)]
    [InlineData("a b", "a a b", true)]
    [InlineData("a b a c", "a b a b a c", true)]
    [InlineData("a", "a", true)]
    [InlineData("a", "", false)]
    [InlineData("a b", "a", false)]
    [InlineData("a b", "a x b", false)]
    [InlineData("a b", "b a", false)]
    [InlineData("a b", "a b:other", false)]
    [InlineData("a b", "a - b", false)]
    public void Take_Records_FindsTheBatchOnlyIfItIsWhole(string batch, string stored, bool isFound)
    {
        BatchSearch search = new([.. batch.Split(' ').Select(text => new EventStreamLogRecord { Channel = "c", Frame = Bytes(text) })]);
        var sequence = 7;
        foreach (var text in stored.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            sequence++;

            // A record that is not there any more.
            if (text == "-") continue;
            var (frame, name) = text.Split(':') is [var first, var second] ? (first, second) : (text, null);
            search.Take(new(sequence, Bytes(frame), name, null, default));
        }

        search.IsFound.Should().Be(isFound);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
