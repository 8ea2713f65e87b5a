using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>What a bad client can do over HTTP/1.1.</summary>
internal static class Http1Attacks
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("headers of 32 KB", SendLargeHeadersAsync),
        new("one byte of the head at a time", SendByteByByteAsync),
        new("end of sending before the end of the head", EndSendingInTheHeadAsync),
        new("end of sending after the request", EndSendingAfterTheRequestAsync),
        new("reset in the head", ResetInTheHeadAsync),
        new("reset in the stream", ResetInTheStreamAsync),
        new("garbage after the request", SendGarbageAsync),
        new("body that is never sent", PromiseABodyAsync),
        new("client that does not read", DoNotReadAsync),
    ];

    /// <summary>The head of a request for any stream.</summary>
    public static string Head(Random random, string method = "GET", string headers = "") =>
        $"{method} {AttackedApp.AnyPath(random)} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{headers}\r\n";

    private static async Task SendLargeHeadersAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        var length = random.Next(30_000, 34_000);
        var headers = random.Next(3) switch
        {
            0 => $"Last-Event-ID: {new string('9', length)}\r\n",
            1 => $"Cookie: a={new string('x', length)}\r\n",
            _ => string.Concat(Enumerable.Range(0, random.Next(50, 150)).Select(n => $"X-{n}: {new string('x', length / 100)}\r\n")),
        };
        await connection.SendAsync(Head(random, headers: headers));
        (await connection.ReadUntilAsync("\r\n")).Should().MatchRegex(@"^HTTP/1\.1 (200|431) ");
    }

    private static async Task SendByteByByteAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        var head = Head(random);
        foreach (var character in head[..random.Next(head.Length)])
        {
            await connection.SendAsync(character.ToString());
            if (random.Next(10) == 0) await Task.Delay(1);
        }
    }

    private static async Task EndSendingInTheHeadAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        var head = Head(random);
        await connection.SendAsync(head[..random.Next(head.Length)]);
        connection.EndSending();
        await connection.ReadToEndAsync();
    }

    private static async Task EndSendingAfterTheRequestAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        await connection.SendAsync(Head(random));
        if (random.Next(2) == 0) (await connection.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 200 ");
        connection.EndSending();

        // Kestrel takes it for a client that has left, so the stream ends.
        await connection.ReadToEndAsync();
    }

    private static async Task ResetInTheHeadAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        var head = Head(random);
        await connection.SendAsync(head[..random.Next(head.Length)]);
        connection.Reset();
    }

    private static async Task ResetInTheStreamAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        await connection.SendAsync(Head(random, headers: "Connection: close\r\n"));
        for (var reads = random.Next(4); reads > 0 && !(await connection.ReceiveAsync()).IsEmpty; reads--)
        {
        }

        connection.Reset();
    }

    private static async Task SendGarbageAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        await connection.SendAsync(Head(random));

        // More than Kestrel takes, so that it stops reading and does not see the end of the connection.
        var garbage = new byte[random.Next(2) == 0 ? random.Next(1, 1000) : 4_000_000];
        random.NextBytes(garbage);
        await connection.SendAsync(garbage);
        if (random.Next(2) == 0) connection.Reset();
    }

    private static async Task PromiseABodyAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port);
        var promise = random.GetItems(
            ["Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 9\r\nExpect: 100-continue\r\n"], 1)[0];
        await connection.SendAsync(Head(random, "POST", promise));
        (await connection.ReadUntilAsync("\r\n\r\n")).Should().MatchRegex(@"^HTTP/1\.1 (200|405) ");
        if (random.Next(2) == 0) connection.Reset();
    }

    private static async Task DoNotReadAsync(AttackedApp app, Random random)
    {
        using var connection = await RawConnection.ConnectAsync(app.Http1Port, receiveBuffer: 1024);
        await connection.SendAsync(Head(random));
        await Task.Delay(random.Next(200));
        connection.Reset();
    }
}
