namespace ConformanceSubjects;

/// <summary>Numbers, some two hundred a second, to a channel that keeps many and to one that keeps few.</summary>
internal sealed class NumberPublisher(IEventStreamPublisher streams) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var number = 1L; await timer.WaitForNextTickAsync(stoppingToken); number++)
        {
            await streams.PublishAsync("numbers", $"message {number}", cancellationToken: stoppingToken);
            await streams.PublishAsync("few", $"message {number}", cancellationToken: stoppingToken);
        }
    }
}
