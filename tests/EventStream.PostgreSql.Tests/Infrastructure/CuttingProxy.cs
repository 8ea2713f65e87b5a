using System.Net.Sockets;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Counts how often the server is asked, and cuts the connection in place of passing on that a commit was done.</summary>
internal sealed class CuttingProxy(string connectionString) : DatabaseProxy(connectionString)
{
    private int _cuts;
    private int _roundTrips;

    /// <summary>How often the server has said that it is ready for the next query.</summary>
    public int RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>Cuts a number of commits from now on.</summary>
    public void Cut(int commits) => Volatile.Write(ref _cuts, commits);

    protected override Passage Decide(TcpClient from, ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        if (!isAnswer) return Passage.Pass;
        Interlocked.Add(ref _roundTrips, bytes.Count("Z\0\0\0\x05"u8));

        // The tag with which the server says that a commit was done.
        return bytes.IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Decrement(ref _cuts) >= 0 ? Passage.Cut : Passage.Pass;
    }
}
