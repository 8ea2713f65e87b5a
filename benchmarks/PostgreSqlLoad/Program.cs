using System.Globalization;

// Measures how many messages a second 32 publishers on one node get into PostgreSQL, and how long each takes to another node.
// Compares that with the hand-written way: the same messages, one INSERT and one pg_notify each.
// Both run on one private server that writes to the disk as PostgreSQL does by default.
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad [-- --Seconds 10 --Rounds 3]
// Measures the cost when two thousand clients resume at the same time:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- resume
// Measures what publishing in the caller's transaction costs it, compared with an ordinary second insert:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- transactions [--Pairs 10 --Seconds 5]
// Measures how long a message of such a transaction takes to subscribers on an idle machine:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- arrival
// Measures how long the tokens of runs take to a reader on another node, and beside it in memory:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- tokens [--Seconds 10]
// Measures what the tokens of runs cost the appends of a node:
//   dotnet run -c Release --project benchmarks/PostgreSqlLoad -- fence [--Pairs 10 --Seconds 3]
// It starts each node as a process: PostgreSqlLoad publish|receive <way> <connection string> <channels> ...
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
    case ["fence", .. var options]:
        var fence = new ConfigurationBuilder().AddCommandLine(options).Build();
        await Fence.RunAsync(fence.GetValue("Pairs", 10), fence.GetValue("Seconds", 3.0));
        break;
    case ["commit", var connection]:
        await Arrival.CommitAsync(connection);
        break;
    case ["runs", var connection]:
        await Tokens.ServeAsync(connection);
        break;
    case ["tokens", .. var options]:
        await Tokens.RunAsync(new ConfigurationBuilder().AddCommandLine(options).Build().GetValue("Seconds", 10.0));
        break;
    case ["arrival"]:
        await Arrival.RunAsync();
        break;
    default:
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
        await Comparison.RunAsync(settings.GetValue("Seconds", 10.0), settings.GetValue("Rounds", 3));
        break;
}
