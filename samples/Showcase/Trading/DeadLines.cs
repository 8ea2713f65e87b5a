using Microsoft.AspNetCore.Http.Features;

namespace Showcase.Trading;

/// <summary>Lets the connections of one tab go dead: a proxy that has forgotten them, without a proxy.</summary>
/// <remarks>Nothing more arrives on such a connection, and neither side learns of it. A new connection works.</remarks>
internal sealed class DeadLines
{
    private readonly Lock _gate = new();

    // Owned by the gate: the lines of all open streams.
    private readonly List<(string Tab, DeadLine Line)> _lines = [];

    /// <summary>Puts a stream that opens on a line of its tab, for as long as the stream is open.</summary>
    public void Put(string tab, HttpContext context)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var line = new DeadLine(body.Writer);
        context.Features.Set<IHttpResponseBodyFeature>(new LineBody(body, line));
        lock (_gate) _lines.Add((tab, line));
        context.Response.OnCompleted(() =>
        {
            lock (_gate) _lines.Remove((tab, line));
            return Task.CompletedTask;
        });
    }

    /// <summary>Lets the lines go dead that a tab has now.</summary>
    public void Kill(string tab)
    {
        lock (_gate)
        {
            foreach (var (owner, line) in _lines)
            {
                if (owner == tab) line.Kill();
            }
        }
    }
}
