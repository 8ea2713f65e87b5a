namespace EventStream.Client.Tests.Chaos;

/// <summary>The numbers that one client received.</summary>
/// <remarks>Each must arrive once and in order. After a gap, the numbers of the next server process begin with the first.</remarks>
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
