using System.Threading.Tasks.Sources;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Numbered messages, each of which is pending at first and complete a moment later.</summary>
/// <remarks>A step that runs on another thread may behave like that.</remarks>
public sealed class LateSource(int count)
    : IAsyncEnumerable<EventStreamMessage>, IAsyncEnumerator<EventStreamMessage>, IValueTaskSource<bool>
{
    private int _number = -1;
    private bool _wasPending;

    public EventStreamMessage Current => new() { Data = $"message {_number}" };

    public IAsyncEnumerator<EventStreamMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public ValueTask<bool> MoveNextAsync()
    {
        _wasPending = false;
        return new(this, (short)(_number + 1));
    }

    public ValueTask DisposeAsync() => default;

    public ValueTaskSourceStatus GetStatus(short token)
    {
        token.Should().Be((short)(_number + 1), "the result of a step may be read only once");
        if (_wasPending) return ValueTaskSourceStatus.Succeeded;
        _wasPending = true;
        return ValueTaskSourceStatus.Pending;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        continuation(state);

    public bool GetResult(short token)
    {
        token.Should().Be((short)(_number + 1), "the result of a step may be read only once");
        return ++_number < count;
    }
}
