using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A response body whose writes wait until the test lets them go on, whatever happens to the request.</summary>
public sealed class HeldBody(IHttpResponseBodyFeature inner) : PipeWriter, IHttpResponseBodyFeature
{
    private readonly SemaphoreSlim _goOn = new(0);
    private readonly Lock _gate = new();
    private readonly List<byte[]> _writes = [];
    private volatile Func<ReadOnlyMemory<byte>, bool>? _holds;
    private volatile bool _holdsFlushes;
    private int _held;
    private Exception? _fault;

    Stream IHttpResponseBodyFeature.Stream => inner.Stream;

    PipeWriter IHttpResponseBodyFeature.Writer => this;

    /// <summary>The writes so far.</summary>
    public IReadOnlyList<byte[]> Writes
    {
        get
        {
            lock (_gate) return [.. _writes];
        }
    }

    /// <summary>The bytes of the writes so far, as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString([.. Writes.SelectMany(write => write)]);

    /// <summary>Puts a body into each response of an app, and hands it to the test.</summary>
    public static void Use(WebApplication app, Action<HeldBody> opened) => app.Use(async (HttpContext context, RequestDelegate next) =>
    {
        var body = new HeldBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.Features.Set<IHttpResponseBodyFeature>(body);
        opened(body);
        await next(context);
    });

    /// <summary>How many writes wait now.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Has writes wait for <see cref="LetOneGo"/> from now on: all, or those that <paramref name="which"/> says.</summary>
    public void Hold(Func<ReadOnlyMemory<byte>, bool>? which = null) => _holds = which ?? (_ => true);

    /// <summary>Has flushes wait as well, for good: those of what was written without <see cref="WriteAsync"/>.</summary>
    public void HoldFlushes() => _holdsFlushes = true;

    /// <summary>Lets one write go on to the client.</summary>
    public void LetOneGo() => _goOn.Release();

    /// <summary>Lets all writes go on, from now on.</summary>
    public void LetAllGo()
    {
        _holds = null;
        _goOn.Release();
    }

    /// <summary>Has the write that waits, or the next one, throw.</summary>
    public void Fail(Exception fault)
    {
        Volatile.Write(ref _fault, fault);
        _goOn.Release();
    }

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        lock (_gate) _writes.Add(source.ToArray());
        if (_holds?.Invoke(source) == true)
        {
            Interlocked.Increment(ref _held);
            await _goOn.WaitAsync(CancellationToken.None);
            Interlocked.Decrement(ref _held);
        }

        if (Volatile.Read(ref _fault) is { } fault) throw fault;
        return await inner.Writer.WriteAsync(source, cancellationToken);
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_holdsFlushes)
        {
            Interlocked.Increment(ref _held);
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        return await inner.Writer.FlushAsync(cancellationToken);
    }

    public override void Advance(int bytes) => inner.Writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.Writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Writer.Complete(exception);

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        inner.SendFileAsync(path, offset, count, cancellationToken);

    public void DisableBuffering() => inner.DisableBuffering();
}
