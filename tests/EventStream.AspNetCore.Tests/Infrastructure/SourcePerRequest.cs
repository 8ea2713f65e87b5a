namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Its own driven source for each request, given to the test in the order of the requests.</summary>
public sealed class SourcePerRequest
{
    private readonly System.Threading.Channels.Channel<DrivenSource> _opened =
        System.Threading.Channels.Channel.CreateUnbounded<DrivenSource>();
    private int _count;

    /// <summary>How often a handler has asked for a source.</summary>
    public int Count => Volatile.Read(ref _count);

    public IAsyncEnumerable<EventStreamMessage> Open()
    {
        var source = new DrivenSource();
        Interlocked.Increment(ref _count);
        _opened.Writer.TryWrite(source);
        return source.Messages();
    }

    public Task<DrivenSource> NextAsync() => _opened.Reader.ReadAsync().AsTask().OrFail("a handler that asks for a source");
}
