using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace EventStream.Conformance.Wire;

/// <summary>A request that has been sent over a bare socket, and its response as it comes (HTTP/1.1).</summary>
internal sealed class Exchange : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Stream _stream;
    private readonly ByteInput _input;
    private readonly string _method;
    private ResponseBody? _body;

    private Exchange(Stream stream, string method)
    {
        _stream = stream;
        _input = new(stream);
        _method = method;
    }

    /// <summary>How many bytes of the response have come; safe from any thread.</summary>
    public long Received => _input.Received;

    /// <summary>How the body ended; a response that has none yet is open.</summary>
    public BodyEnd End => _body?.End ?? BodyEnd.Open;

    /// <summary>Connects and sends; does not wait for an answer.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    /// <exception cref="IOException">The connection, or its TLS, failed.</exception>
    public static async Task<Exchange> SendAsync(Request request)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new IOException($"it did not take the request within {Limit.TotalSeconds} s");
        }
    }

    /// <summary>The head; to be asked for once, before the body.</summary>
    /// <exception cref="IOException">The connection ended before.</exception>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1.</exception>
    public async Task<ResponseHead> ReadHeadAsync()
    {
        var head = await ResponseHead.ReadAsync(_input);
        _body = new(_input, head, _method);
        return head;
    }

    /// <summary>What has come of the body; zero at its end.</summary>
    /// <exception cref="InvalidDataException">A chunk is malformed.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination) => _body!.ReadAsync(destination);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Exchange> SendAsync(Request request, CancellationToken limit)
    {
        var stream = await ConnectAsync(request, limit);
        try
        {
            await stream.WriteAsync(request.ToBytes(), limit);
            return new(stream, request.Method);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task<Stream> ConnectAsync(Request request, CancellationToken limit)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Before the handshake, which announces the window.
            if (request.ReceiveBuffer is { } size) socket.ReceiveBufferSize = size;
            await socket.ConnectAsync(request.Address.IdnHost, request.Address.Port, limit);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return request.Address.Scheme == Uri.UriSchemeHttps ? await EncryptAsync(stream, request.Address.IdnHost, limit) : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(Stream stream, string host, CancellationToken limit)
    {
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, limit);
            return encrypted;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            throw new IOException($"TLS failed: {error.Message}", error);
        }
    }
}
