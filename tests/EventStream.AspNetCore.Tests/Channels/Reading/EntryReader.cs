using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels.Reading;

/// <summary>A loop over a channel's entries, step by step.</summary>
internal sealed class EntryReader(IAsyncEnumerable<EventStreamEntry> entries, CancellationToken cancellationToken = default)
    : IAsyncDisposable
{
    private readonly IAsyncEnumerator<EventStreamEntry> _entries = entries.GetAsyncEnumerator(cancellationToken);
    private Task<bool>? _pending;

    /// <summary>Asks for the next entry without waiting for it: the subscriber has joined then, or waits for its log.</summary>
    public EntryReader Ask()
    {
        _pending ??= _entries.MoveNextAsync().AsTask();
        return this;
    }

    public async Task<EventStreamEntry> NextAsync()
    {
        (await MoveAsync()).Should().BeTrue("there is another entry");
        return _entries.Current;
    }

    /// <summary>The next entries, as their data.</summary>
    public async Task<string[]> TextsAsync(int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++) texts[i] = (await NextAsync()).Data;
        return texts;
    }

    public async Task ShouldEndAsync() => (await MoveAsync()).Should().BeFalse("the reading has ended");

    public Task<bool> MoveAsync()
    {
        Ask();
        var moving = _pending!;
        _pending = null;
        return moving.OrFail("the next entry");
    }

    public async ValueTask DisposeAsync()
    {
        if (_pending is not null)
        {
            throw new InvalidOperationException("The loop waits: a loop leaves when it has an entry, or is cancelled.");
        }

        await _entries.DisposeAsync();
    }
}
