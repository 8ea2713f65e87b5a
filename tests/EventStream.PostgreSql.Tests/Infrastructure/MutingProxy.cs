using System.Net.Sockets;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Passes no notification on while it is muted, as a pooler in transaction mode does.</summary>
internal sealed class MutingProxy(string connectionString) : DatabaseProxy(connectionString)
{
    private volatile bool _isMuted = true;

    public void Unmute() => _isMuted = false;

    // A notification comes alone where the connection is idle; its message begins with A.
    protected override Passage Decide(TcpClient from, ReadOnlySpan<byte> bytes, bool isAnswer) =>
        _isMuted && isAnswer && bytes[0] == (byte)'A' ? Passage.Drop : Passage.Pass;
}
