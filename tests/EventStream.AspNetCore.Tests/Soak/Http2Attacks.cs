using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>What a bad client can do over HTTP/2.</summary>
internal static class Http2Attacks
{
    /// <summary>As many streams as Kestrel allows on a connection.</summary>
    private const int Most = 100;

    /// <summary>How many bytes of messages a server may send on a connection that its client never opens further.</summary>
    private const int Window = 65_535;

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("rapid resets", ResetAtOnceAsync),
        new("settings flood", (app, _) => FloodAsync(app, Http2Frame.Settings((Http2Frame.InitialWindowSize, 65_535)))),
        new("ping flood", (app, _) => FloodAsync(app, Http2Frame.Ping())),
        new("window that stays at zero", KeepTheWindowShutAsync),
        new("window that opens by a byte, or too far", PlayWithTheWindowAsync),
        new("headers that never end", ContinueForeverAsync),
        new("streams that are abandoned", AbandonStreamsAsync),
        new("connection that is not read", DoNotReadAsync),
        new("random frames", SendRandomFramesAsync),
    ];

    private static Http2Frame[] Gets(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(number => Http2Frame.Get((2 * number) + 1, AttackedApp.AnyPath(random)))];

    // CVE-2023-44487: a stream that is reset does not count as open, although the server still works for it.
    private static async Task ResetAtOnceAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        for (int stream = 1, batches = 0; batches < 20; batches++)
        {
            List<Http2Frame> batch = [];
            for (var count = random.Next(1, 100); count > 0; count--, stream += 2)
            {
                batch.Add(Http2Frame.Get(stream, AttackedApp.AnyPath(random)));
                batch.Add(Http2Frame.ResetOf(stream));
            }

            if (!await connection.SendAsync(batch)) return;
        }
    }

    private static async Task FloodAsync(AttackedApp app, Http2Frame frame)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        await connection.SendAsync(Http2Frame.Get(1, "/feed"));
        for (var batches = 0; batches < 20; batches++)
        {
            if (!await connection.SendAsync(Enumerable.Repeat(frame, 1000))) return;
        }
    }

    private static async Task KeepTheWindowShutAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port, null, (Http2Frame.InitialWindowSize, 0));
        var gets = Gets(random, 20).Concat(Enumerable.Range(20, 20).Select(number => Http2Frame.Get((2 * number) + 1, "/restless")));
        await connection.SendAsync(gets);

        // A stream that fills the server's buffer ends by its WriteTimeout. One with little to send costs no more than an idle client.
        HashSet<int> reset = [];
        await connection.ReceiveAsync(
            frame => frame is { Type: Http2FrameType.Reset, Stream: > 40 } && reset.Add(frame.Stream) && reset.Count == 20);
        reset.Should().HaveCount(20);
    }

    private static async Task PlayWithTheWindowAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port, null, (Http2Frame.InitialWindowSize, 0));
        await connection.SendAsync(Gets(random, 20));
        for (var count = random.Next(200); count > 0; count--)
        {
            if (!await connection.SendAsync(Http2Frame.Window((2 * random.Next(20)) + 1, 1))) return;
        }

        var increment = random.GetItems([0, int.MaxValue, -1], 1)[0];
        await connection.SendAsync(Http2Frame.Window(1, increment), Http2Frame.Window(1, increment), Http2Frame.Window(0, increment));

        // Kestrel ends the connection for each of the three.
        await connection.Raw.ReadToEndAsync();
    }

    private static async Task ContinueForeverAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        var fields = Http2Frame.Fields("/feed", ("cookie", new string('x', random.Next(1, 10_000))));
        await connection.SendAsync(new Http2Frame(Http2FrameType.Headers, Http2Frame.EndStream, 1, fields));
        while (await connection.SendAsync(new Http2Frame(Http2FrameType.Continuation, 0, 1, Http2Frame.Fields("/", ("a", "b")))))
        {
        }
    }

    private static async Task AbandonStreamsAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        var gets = Gets(random, random.Next(Most));
        if (!await connection.SendAsync(gets.Append(Http2Frame.Get((2 * gets.Length) + 1, "/ticks")))) return;

        // Nothing arrives any more when the window of the connection is used up, because this client never opens it.
        for (int reads = random.Next(10), received = 0; reads > 0 && received < Window; reads--)
        {
            var some = await connection.Raw.ReceiveAsync();
            if (some.IsEmpty) break;
            received += some.Length;
        }

        if (random.Next(2) == 0) connection.Raw.Reset();
    }

    private static async Task DoNotReadAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(
            app.Http2Port, receiveBuffer: 1024, (Http2Frame.InitialWindowSize, int.MaxValue));
        await connection.SendAsync(Gets(random, random.Next(1, Most + 1)).Prepend(Http2Frame.Window(0, 1 << 30)));
        await Task.Delay(random.Next(200));
        if (random.Next(2) == 0) connection.Raw.Reset();
    }

    private static async Task SendRandomFramesAsync(AttackedApp app, Random random)
    {
        using var connection = await Http2Connection.ConnectAsync(app.Http2Port);
        await connection.SendAsync(Gets(random, random.Next(1, 5)));
        for (var count = random.Next(1, 50); count > 0; count--)
        {
            var payload = new byte[random.Next(4) == 0 ? random.Next(2000) : 4];
            random.NextBytes(payload);
            var frame = new Http2Frame((Http2FrameType)random.Next(11), (byte)random.Next(256), random.Next(12), payload);
            if (!await connection.SendAsync(frame)) return;
        }
    }
}
