using System.Collections;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.IO.Pipelines;
using EventStream.AspNetCore;
using EventStream.AspNetCore.Tests.Logs;

// Prints the types of this library that a message passes, from PublishAsync on node A to the socket of a subscriber on node B.
// A method shows when it is compiled, which is when it is first called. The nodes' own messages have called some before. Those show by
// stacks, which are taken where the log is called, where its answers are read, and where the server flushes.
//
//     dotnet run --project tools/MessagePath -c Debug

var log = new WatchedLog(new SharedLog());
await using var a = await StartAsync(log);
await using var b = await StartAsync(log);
using var client = new HttpClient { BaseAddress = new Uri(b.Urls.Single()) };
using var stream = new StreamReader(await client.GetStreamAsync("/news"));
while (!(await stream.ReadLineAsync())!.StartsWith("id: ", StringComparison.Ordinal))
{
}

// The subscriber receives its position, and waits.
await Task.Delay(TimeSpan.FromSeconds(3));
using var path = MessagePath.Begin();
await a.Services.GetRequiredService<EventStreamHub>().GetChannel("news").PublishAsync("hello");
while (await stream.ReadLineAsync() != "data: hello")
{
}

await Task.Delay(TimeSpan.FromMilliseconds(100));
MessagePath.End();
var calls = path.Calls;
foreach (var type in calls.GroupBy(call => call.Type))
{
    Console.WriteLine($"{type.Key}: {string.Join(", ", type.Select(call => call.Method).Distinct())}");
}
Console.WriteLine($"{calls.Select(call => call.Type).Distinct().Count()} types, {calls.Distinct().Count()} methods");
Environment.Exit(0);

static async Task<WebApplication> StartAsync(IEventStreamLog log)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.WebHost.ConfigureKestrel(server => server.Listen(
        System.Net.IPAddress.Loopback,
        0,
        listener => listener.Use(next => connection =>
        {
            connection.Transport = new WatchedTransport(connection.Transport);
            return next(connection);
        })));
    builder.Logging.ClearProviders();
    builder.Services.AddEventStreams().AddChannel("news").AddLog(_ => log);
    var app = builder.Build();
    app.MapEventStream("/news", "news");
    await app.StartAsync();
    return app;
}

/// <summary>Records which methods of the library are compiled, and those on the stack.</summary>
internal sealed class MessagePath : EventListener
{
    private const string Library = "EventStream.AspNetCore";
    private static MessagePath? _current;
    private readonly List<(string Type, string Method)> _calls = [];

    public IReadOnlyList<(string Type, string Method)> Calls
    {
        get
        {
            lock (_calls) return [.. _calls];
        }
    }

    public static MessagePath Begin() => _current = new();

    public static void End() => _current = null;

    public static void NoteStack()
    {
        foreach (var frame in new StackTrace().GetFrames().Reverse())
        {
            if (frame.GetMethod() is { DeclaringType.FullName: { } type } method) _current?.Note(type, method.Name);
        }
    }

    protected override void OnEventSourceCreated(EventSource source)
    {
        const EventKeywords Jit = (EventKeywords)0x10;
        if (source.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(source, EventLevel.Verbose, Jit);
    }

    protected override void OnEventWritten(EventWrittenEventArgs written)
    {
        if (written.EventName?.StartsWith("MethodLoadVerbose", StringComparison.Ordinal) != true || _current != this) return;
        Note(
            (string)written.Payload![written.PayloadNames!.IndexOf("MethodNamespace")]!,
            (string)written.Payload[written.PayloadNames.IndexOf("MethodName")]!);
    }

    // State machines and closures count as the type in which they are written.
    private void Note(string type, string method)
    {
        if (!type.StartsWith(Library + ".", StringComparison.Ordinal) || type.StartsWith(Library + ".Tests", StringComparison.Ordinal))
        {
            return;
        }

        lock (_calls) _calls.Add((type.Split('+', '`', '[')[0].Split('.')[^1], method));
    }
}

/// <summary>A log whose calls, and the reading of whose answers, are noted.</summary>
internal sealed class WatchedLog(IEventStreamLog log) : IEventStreamLog
{
    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        if (records[0].Channel == "news") MessagePath.NoteStack();
        var positions = await log.AppendAsync(records, cancellationToken);
        return records[0].Channel == "news" ? new Watched<EventStreamPosition?>(positions) : positions;
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        if (requests[0].Channel == "news") MessagePath.NoteStack();
        var pages = await log.ReadAsync(requests, cancellationToken);
        return requests[0].Channel == "news"
            ? [.. pages.Select(page => page with { Records = new Watched<EventStreamStoredRecord>(page.Records) })]
            : pages;
    }

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) => log.FollowAsync(cancellationToken);

    private sealed class Watched<T>(IReadOnlyList<T> items) : IReadOnlyList<T>
    {
        public int Count => items.Count;

        public T this[int index]
        {
            get
            {
                MessagePath.NoteStack();
                return items[index];
            }
        }

        public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>A connection whose flushes are noted.</summary>
internal sealed class WatchedTransport(IDuplexPipe transport) : PipeWriter, IDuplexPipe
{
    public PipeReader Input => transport.Input;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => transport.Output.CanGetUnflushedBytes;

    public override long UnflushedBytes => transport.Output.UnflushedBytes;

    public override void Advance(int bytes) => transport.Output.Advance(bytes);

    public override void CancelPendingFlush() => transport.Output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => transport.Output.Complete(exception);

    public override Memory<byte> GetMemory(int sizeHint = 0) => transport.Output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => transport.Output.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        MessagePath.NoteStack();
        return transport.Output.FlushAsync(cancellationToken);
    }
}
