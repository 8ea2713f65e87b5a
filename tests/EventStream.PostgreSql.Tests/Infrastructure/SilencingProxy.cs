using System.Collections.Concurrent;
using System.Net.Sockets;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Passes nothing on once it is silenced, as where a firewall drops packets.</summary>
/// <remarks>Connections stay open then, and new ones are taken. No side notices a close of the other.</remarks>
internal sealed class SilencingProxy(string connectionString) : DatabaseProxy(connectionString)
{
    private readonly ConcurrentDictionary<TcpClient, bool> _waiting = [];
    private volatile bool _isSilent;

    /// <summary>How many connections have asked the server something since, and wait.</summary>
    public int Waiting => _waiting.Count;

    protected override bool HidesCloses => _isSilent;

    public void Silence() => _isSilent = true;

    protected override Passage Decide(TcpClient from, ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        if (!_isSilent) return Passage.Pass;
        _waiting[from] = true;
        return Passage.Drop;
    }
}
