using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>A client that stops reading, and stays.</summary>
internal sealed class Stall() : Check(
    "stalled reader",
    "A client that has stopped reading is cut after a while: until then it holds buffers, and a source that waits for it. "
    + "Kestrel's own data rate limit did not do it within 400 s.",
    Role.Flood)
{
    private const int SmallWindow = 4096;

    // So much of a flood is in the small window at least, whatever becomes of the rest.
    private const long LeastOfAFlood = 1024;

    // More than the kernels on both sides buffer, and less than any flood gives in a moment.
    private const long Buffered = 64L << 20;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var request = subject.Request(subject.Settings.The(Role.Flood)) with { ReceiveBuffer = SmallWindow };
        await using var exchange = await Exchange.SendAsync(request);
        request.ExpectStream(await HeadAsync(exchange, subject.Limits.Message));

        await Task.Delay(subject.Limits.Stall);

        var read = await DrainAsync(exchange, subject.Limits.Message);
        var seen = $"when it read again after {Duration.Show(subject.Limits.Stall)},";
        return exchange.End switch
        {
            BodyEnd.Cut or BodyEnd.Closed when read < LeastOfAFlood =>
                Outcome.Lack($"{seen} {read} bytes were left, then the connection was cut: that was no flood"),
            BodyEnd.Cut or BodyEnd.Closed => Outcome.Pass($"{seen} {read / 1024} KiB were left, then the connection was cut"),
            BodyEnd.Clean =>
                Outcome.Lack(
                    $"{seen} the stream ended as if it were finished, so it was no flood, or the client was not told of what is missing"),
            _ => Outcome.Lack($"{seen} the stream continued as if nothing was missing ({read / 1024} KiB)"),
        };
    }

    private static async Task<ResponseHead> HeadAsync(Exchange exchange, TimeSpan limit)
    {
        try
        {
            return await exchange.ReadHeadAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new LackException($"no headers came within {Duration.Show(limit)}");
        }
    }

    private static async Task<long> DrainAsync(Exchange exchange, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        var buffer = new byte[StreamBounds.Piece];
        var total = 0L;
        while (!deadline.IsOver && total < Buffered)
        {
            var reading = exchange.ReadAsync(buffer).AsTask();
            await Task.WhenAny(reading, Task.Delay(deadline.Left));
            if (!reading.IsCompleted || await reading is var count && count == 0) break;
            total += count;
        }

        return total;
    }
}
