using System.Globalization;

// How many messages a second 32 publishers on one node get into PostgreSQL, and how long each is on its way to another node, beside the
// hand-written
// way: the same messages, one INSERT and one pg_notify each. Both run on one private server that writes to the disk as PostgreSQL does by
// default.
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad [-- --Seconds 10 --Rounds 3]
// And what it costs that two thousand clients come back at once:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- resume
// And what publishing in the caller's transaction costs it, beside an ordinary second insert:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- transactions [--Pairs 10 --Seconds 5]
// And how long a message of such a transaction takes to subscribers on an idle machine:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- arrival
// The nodes are processes of their own, which it starts: PostgreSqlLoad publish|receive <way> <connection string> <channels> ...
switch (args)
{
    case ["publish", var way, var connection, var channels, var seconds, var rate]:
        await PublishingNode.RunAsync(
            Way.Of(way, connection, int.Parse(channels)), int.Parse(channels), double.Parse(seconds), double.Parse(rate));
        break;
    case ["receive", var way, var connection, var channels]:
        await ReceivingNode.RunAsync(Way.Of(way, connection, int.Parse(channels)));
        break;
    case ["serve", var connection]:
        await Resumption.ServeAsync(connection);
        break;
    case ["beat", var connection]:
        await Resumption.BeatAsync(connection);
        break;
    case ["resume"]:
        await Resumption.RunAsync();
        break;
    case ["transact", var way, var connection, var seconds]:
        await TransactingNode.RunAsync(way, connection, double.Parse(seconds, CultureInfo.InvariantCulture));
        break;
    case ["transactions", .. var options]:
        var choices = new ConfigurationBuilder().AddCommandLine(options).Build();
        await Transactions.RunAsync(choices.GetValue("Pairs", 10), choices.GetValue("Seconds", 5.0));
        break;
    case ["commit", var connection]:
        await Arrival.CommitAsync(connection);
        break;
    case ["arrival"]:
        await Arrival.RunAsync();
        break;
    default:
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
        await Comparison.RunAsync(settings.GetValue("Seconds", 10.0), settings.GetValue("Rounds", 3));
        break;
}
