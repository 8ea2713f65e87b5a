using System.Globalization;
using Npgsql;

/// <summary>One run on its own database.</summary>
/// <param name="Rate">Messages a second that were acknowledged.</param>
/// <param name="Received">The share of them that the other node got.</param>
/// <param name="Middle">How old the middle one was then, in milliseconds.</param>
/// <param name="Slow">How old 99 of a hundred were at most, in milliseconds.</param>
internal sealed record Run(double Rate, double Received, double Middle, double Slow)
{
    /// <summary>Starts one node, and publishes on it without a subscriber.</summary>
    /// <param name="server">Where the database is made.</param>
    /// <param name="way">The name of the way.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="seconds">How long.</param>
    /// <returns>Messages a second that were acknowledged, and how long the server waited for the disk each time, in milliseconds.</returns>
    public static async Task<(double Rate, double Flush)> MeasureAloneAsync(
        PostgreSqlServer server, string way, int channels, double seconds)
    {
        var database = await PrepareAsync(server, way, channels);
        await using var flushes = await Flushes.BeginAsync(server.ConnectionString);
        await using var publisher = Node.Start("publish", way, database, $"{channels}", Text(seconds), Text(0));
        var rate = int.Parse(await publisher.ReadLineAsync()) / seconds;
        return (rate, await flushes.AverageAsync());
    }

    /// <summary>Starts both nodes, and publishes on one.</summary>
    /// <param name="server">Where the database is made.</param>
    /// <param name="way">The name of the way.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="rate">Messages a second; 0 is as many as possible.</param>
    public static async Task<Run> MeasureAsync(PostgreSqlServer server, string way, int channels, double seconds, double rate = 0)
    {
        var database = await PrepareAsync(server, way, channels);
        await using var receiver = Node.Start("receive", way, database, $"{channels}");
        await receiver.ReadLineAsync();
        await using var publisher = Node.Start("publish", way, database, $"{channels}", Text(seconds), Text(rate));
        var published = int.Parse(await publisher.ReadLineAsync());
        receiver.WriteLine($"{published}");
        var results = (await receiver.ReadLineAsync()).Split(' ');
        return new(published / seconds, (double)int.Parse(results[0]) / published, Number(results[1]), Number(results[2]));
    }

    /// <summary>Makes a database, with what the way needs in it.</summary>
    private static async Task<string> PrepareAsync(PostgreSqlServer server, string way, int channels)
    {
        var database = await server.CreateDatabaseAsync();
        await Way.Of(way, database, channels).CreateAsync();

        // A server that has run for a while writes over old files of its log; a new one makes each, which takes much longer.
        await using var source = NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false");
        await using var checkpoint = source.CreateCommand("CHECKPOINT");
        await checkpoint.ExecuteNonQueryAsync();
        return database;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
