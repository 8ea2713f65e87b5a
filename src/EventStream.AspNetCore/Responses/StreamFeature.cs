namespace EventStream.AspNetCore.Responses;

/// <summary>Tells a source of the drain.</summary>
internal sealed class StreamFeature : IEventStreamFeature
{
    private readonly CancellationTokenSource _draining = new();

    public CancellationToken Draining => _draining.Token;

    public void BeginDrain() => _draining.Cancel();
}
