using PriceWatch;

var server = new Uri(args.FirstOrDefault() ?? "http://localhost:5080");
var board = new PriceBoard();
var position = new PositionFile(server);
using var http = new HttpClient { BaseAddress = server };
var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

var options = new EventStreamClientOptions
{
    LastEventId = position.Read(),
    OnOpened = opened => board.Tell(opened.LastEventId is "" ? "Opened." : $"Resumed from {opened.LastEventId}."),
    OnRetrying = retrying => board.Tell(
        $"Retrying in {retrying.Delay.TotalSeconds:0.0} s because "
        + $"{(retrying.Error is null ? "the server ended the stream." : $"it broke: {retrying.Error.Message}")}"),
};

try
{
    await foreach (var message in http.ReadEventStreamAsync("/prices?tab=console", PriceJson.Default.Price, options, stop.Token))
    {
        if (message.Gap is { } gap) board.Tell($"A gap of {gap.Lost?.ToString() ?? "unknown size"}: {gap.Reason}.");
        else board.Show(message.Data);

        // Saved after the event was shown: a program that is killed in between shows it again, and misses none.
        position.Keep(message.LastEventId);
    }

    board.Tell("The server has no more prices.");
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    board.Tell("Left. The next start goes on from here.");
}
catch (EventStreamClientException refusal)
{
    board.Tell(refusal.Message);
    return 1;
}

return 0;
