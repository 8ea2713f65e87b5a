namespace EventStream.Client.Tests.Chaos;

/// <summary>
/// What one client has got: numbers, each once and in order, and after a hole that it was told of, those of the next life from the first
/// on.
/// </summary>
internal sealed class ReaderRecord
{
    public const long NumbersOfALife = 1_000_000;

    private long? _last;
    private bool _isAfterGap;

    public int Messages { get; private set; }

    public int Gaps { get; private set; }

    public long Last => _last ?? 0;

    public void Take(EventStreamClientEvent message)
    {
        if (message.Gap is not null)
        {
            Gaps++;
            _isAfterGap = true;
            return;
        }

        var number = long.Parse(message.Data);
        if (_isAfterGap) (number % NumbersOfALife).Should().Be(1, "each life begins the channel anew, and keeps all of it");
        else if (_last is { } last) number.Should().Be(last + 1, "no gap was told");
        _last = number;
        _isAfterGap = false;
        Messages++;
    }
}
