using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using FsCheck;
using FsCheck.Fluent;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>Whatever a client sends as its position, it gets an answer that the documentation has.</summary>
public sealed class PositionFuzzTests
{
    private static readonly int Requests = Alone.IsLong ? 20_000 : 1_000;

    [Fact(Timeout = 120_000)]
    public Task Position_Anything_DocumentedAnswerAndNothingIsLeft() => Seeded.RunAsync(async seed =>
    {
        await using var app = await AttackedApp.StartAsync(o => o.LastEventIdQueryParameter = "lastEventId");
        for (var number = 1; number <= 5; number++) await app.Hub.GetChannel("feed").SayAsync($"{number}");
        var epoch = app.Hub.GetChannel("feed").Newest!.Value.Epoch;

        // Named, because the two numbers also compile when they are swapped: fifty positions of a huge size.
        var positions = HostilePosition.Any().Sample(numberOfSamples: Requests, seed: new Rnd((ulong)seed), size: 50);
        await Parallel.ForEachAsync(positions, async (position, _) => await ShouldBeAnsweredAsync(app, position, epoch));

        await app.ShouldBeAsBeforeAsync();
    });

    private static async Task ShouldBeAnsweredAsync(AttackedApp app, HostilePosition position, string epoch)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        await connection.SendAsync(position.ToBytes(epoch));

        var head = await connection.ReadUntilAsync("\r\n\r\n");
        head.Should().StartWith("HTTP/1.1 ", "there must be an answer to {0}", position);
        var status = int.Parse(head.AsSpan(9, 3));
        position.Expected(epoch).Should().Contain(status, "it is the answer to {0}", position);
        if (status != 200 || position.Path == HostilePosition.Plain) return;
        var body = head[(head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (!body.Contains("\n\n", StringComparison.Ordinal)) body += await connection.ReadUntilAsync("\n\n");
        body.Should().MatchRegex(@"retry: \d+\n(id: [0-9a-z,-]+|event: stream-gap)\n", "it is the answer to {0}", position);
    }
}
