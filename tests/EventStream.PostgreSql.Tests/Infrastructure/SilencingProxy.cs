using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Passes nothing on once it is silenced, as where a firewall drops packets.</summary>
/// <remarks>Connections stay open then, and new ones are taken. No side notices a close of the other.</remarks>
internal sealed class SilencingProxy(string connectionString) : DatabaseProxy(connectionString)
{
    private readonly ConcurrentDictionary<TcpClient, bool> _waiting = [];
    private volatile bool _isSilent;
    private volatile byte[]? _last;

    /// <summary>How many connections have asked the server something since, and wait.</summary>
    public int Waiting => _waiting.Count;

    protected override bool HidesCloses => _isSilent;

    public void Silence() => _isSilent = true;

    /// <summary>
    /// Silences the proxy as soon as a node asks the server for something, which is therefore under way and not answered.
    /// </summary>
    /// <param name="text">What the question contains.</param>
    public Task SilenceAtAsync(string text)
    {
        _last = Encoding.UTF8.GetBytes(text);
        return Soon.Until(() => _isSilent);
    }

    protected override Passage Decide(TcpClient from, ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        if (!isAnswer && _last is { } last && bytes.IndexOf(last) >= 0) Silence();
        if (!_isSilent) return Passage.Pass;
        _waiting[from] = true;
        return Passage.Drop;
    }
}
