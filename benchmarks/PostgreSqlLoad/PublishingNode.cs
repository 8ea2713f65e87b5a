using System.Diagnostics;

/// <summary>The node on which all publish. It prints how many messages were acknowledged.</summary>
internal static class PublishingNode
{
    // So long it takes on two cores until what is called often is compiled for good.
    private const double WarmUp = 8;

    /// <summary>Publishes for some seconds.</summary>
    /// <param name="way">How.</param>
    /// <param name="channels">On how many channels, in turn.</param>
    /// <param name="seconds">How long to measure, after a warm-up.</param>
    /// <param name="rate">Messages a second of all publishers; 0 is as many as they can.</param>
    public static async Task RunAsync(Way way, int channels, double seconds, double rate)
    {
        List<Func<int, string, Task>> publishers = [];
        while (publishers.Count < Way.Publishers) publishers.Add(await way.ConnectPublisherAsync());
        var begin = Stopwatch.GetTimestamp();
        var published = await Task.WhenAll(publishers.Select((publish, index) => Task.Run(() => PublishAsync(publish, index))));
        Console.WriteLine(published.Sum());

        async Task<int> PublishAsync(Func<int, string, Task> publish, int index)
        {
            var measured = 0;
            for (var i = 0; ; i++)
            {
                var due = rate > 0 ? ((i * Way.Publishers) + index) / rate : 0;
                var now = Seconds();
                if (now < due)
                {
                    await Task.Delay(TimeSpan.FromSeconds(due - now));
                    due = now = Seconds();
                }

                if (now > WarmUp + seconds) return measured;
                var isMeasured = now > WarmUp;
                // A message that is late because the one before it took too long has been on its way since it was due.
                var sent = begin + (long)((rate > 0 ? due : now) * Stopwatch.Frequency);
                await publish(((i * Way.Publishers) + index) % channels, Message.Create(isMeasured ? sent : 0));
                if (isMeasured) measured++;
            }
        }

        double Seconds() => Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
