using System.Net;
using System.Net.Sockets;

namespace EventStream.Testing.Timing;

/// <summary>Sends a byte over a loopback socket, to learn when earlier bytes have reached the thread pool.</summary>
/// <remarks>
/// One thread watches all sockets, and sees the byte after everything that was sent before it. So when the byte is back, that thread has
/// handed the earlier bytes to the thread pool.
/// </remarks>
internal sealed class LoopbackEcho
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);
    private static readonly Lazy<LoopbackEcho?> Only = new(Open);

    private readonly Lock _gate = new();
    private readonly Socket _sender;
    private readonly Socket _receiver;
    private readonly byte[] _byte = new byte[1];
    private Task<int>? _arrival;

    private LoopbackEcho(Socket sender, Socket receiver)
    {
        _sender = sender;
        _receiver = receiver;
    }

    /// <summary>The instance of this process; null if the process may not open a socket.</summary>
    public static LoopbackEcho? Shared => Only.Value;

    /// <summary>Sends the byte and waits for it; false if it is not back in time. The next call then waits for it.</summary>
    public bool Pass()
    {
        lock (_gate)
        {
            if (_arrival is null)
            {
                _arrival = _receiver.ReceiveAsync(_byte, SocketFlags.None);
                _sender.Send([1]);
            }

            if (!_arrival.Wait(Limit)) return false;
            _arrival = null;
            return true;
        }
    }

    private static LoopbackEcho? Open()
    {
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            var sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            sender.Connect(listener.LocalEndPoint!);
            return new(sender, listener.Accept());
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
