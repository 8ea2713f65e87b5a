using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Two machines and the cable between them: network namespaces of Linux, whose sockets this process uses.</summary>
/// <remarks>A socket belongs to the namespace of the thread that makes it. Every other thread may use it afterwards.</remarks>
public sealed class TwoMachines : IDisposable
{
    /// <summary>Why a test is skipped where there can be none.</summary>
    public const string Needed =
        "Network namespaces need root with its rights, and the program ip: run ./test as root, and not in a container without rights.";

    // TEST-NET-1 of RFC 5737: no real network has it.
    private static readonly IPAddress ServerAddress = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress ClientAddress = IPAddress.Parse("192.0.2.2");

    // Not a static value of its own: the threads below would wait for this class to be initialised, which waits for them.
    private static readonly Lazy<bool> Allowed = new(CanBeMade);
    private static int s_count;

    private readonly string _server;
    private readonly string _client;
    private readonly List<Socket> _connections = [];

    public TwoMachines()
    {
        var name = $"eventstream-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        (_server, _client) = ($"{name}-server", $"{name}-client");
        Ip($"netns add {_server}");
        Ip($"netns add {_client}");
        Ip($"link add cable netns {_server} type veth peer name cable netns {_client}");
        foreach (var (machine, address) in new[] { (_server, ServerAddress), (_client, ClientAddress) })
        {
            Ip($"-n {machine} address add {address}/30 dev cable");
            Ip($"-n {machine} link set cable up");
        }
    }

    /// <summary>Whether this process can make them.</summary>
    public static bool AreAllowed => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Allowed.Value;

    /// <summary>Makes a listening socket on the server's machine.</summary>
    public Socket Listen() =>
        Inside(_server, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(ServerAddress, 0));
            return socket;
        });

    /// <summary>Makes an HTTP client on the client's machine, with a connection of its own.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        ConnectCallback = (context, _) => ValueTask.FromResult<Stream>(new NetworkStream(
            Inside(_client, () =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(ServerAddress, context.DnsEndPoint.Port);
                _connections.Add(socket);
                return socket;
            }),
            ownsSocket: true)),
    });

    /// <summary>Switches the client's machine off: its end of the cable is down.</summary>
    public void SwitchClientOff() => Ip($"-n {_client} link set cable down");

    /// <summary>Drops all that the client's machine sends, as a firewall does that has forgotten the connection.</summary>
    public void DropFromClient()
    {
        Ip($"-n {_client} route add blackhole {ServerAddress}/32");
        Ip($"-n {_client} route flush cache");
    }

    public void Dispose()
    {
        // A namespace lives as long as its sockets.
        _connections.ForEach(connection => connection.Dispose());
        Ip($"netns delete {_client}");
        Ip($"netns delete {_server}");
    }

    private static bool CanBeMade()
    {
        try
        {
            using TwoMachines machines = new();
            using var socket = machines.Listen();
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private static T Inside<T>(string machine, Func<T> make)
    {
        var made = new TaskCompletionSource<T>();
        // Its own thread, because a thread of the pool would stay in the namespace.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{machine}");
                if (SetNamespace(handle.DangerousGetHandle().ToInt32(), 0) != 0) throw new Win32Exception();
                made.SetResult(make());
            }
            catch (Exception exception)
            {
                made.SetException(exception);
            }
        });
        thread.Start();
        return made.Task.GetAwaiter().GetResult();
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"ip {arguments}: {errors}");
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int handle, int type);
}
