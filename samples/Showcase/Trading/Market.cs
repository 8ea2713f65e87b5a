namespace Showcase.Trading;

/// <summary>Five invented stocks whose prices change eight times a beat, with or without a page that shows them.</summary>
internal sealed class Market(EventStreamHub hub, Pace pace) : BackgroundService
{
    private const double Middle = 100;

    private readonly string[] _symbols = ["OAK", "ELM", "FIR", "ASH", "YEW"];
    private readonly double[] _values = [104, 101, 99, 97, 102];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var prices = hub.GetChannel("prices");
        var number = 0L;
        using var timer = new PeriodicTimer(pace.Beat / 8);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // On PostgreSQL the market continues from the prices of an earlier process.
                if (number == 0) number = (await prices.GetNewestAsync(stoppingToken)).Sequence + 1;
                var price = NextPrice(number);
                number = (await prices.PublishAsync(price, cancellationToken: stoppingToken)).Sequence + 1;
                await hub.PublishAsync("prices-brief", price, cancellationToken: stoppingToken);
            }
            catch (EventStreamLogException)
            {
                // The database is unavailable: no trade until it answers with the last prices.
                number = 0;
            }
        }
    }

    private Price NextPrice(long number)
    {
        var stock = (int)(number % _symbols.Length);
        ref var value = ref _values[stock];

        // Drawn back a little, so that the five stay in sight of each other.
        value += 0.9 * (Random.Shared.NextDouble() - 0.5) + 0.01 * (Middle - value);
        return new(number, _symbols[stock], Math.Round(value, 2));
    }
}
