using EventStream.Client;

namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>A reader of a run of <c>NodeServer</c>, which starts or joins it on any node, and checks that no loss is silent.</summary>
internal sealed class RunReader(string path, int messages)
{
    private readonly List<(long Number, string Producer)> _record = [];

    public int Connections { get; private set; }

    /// <summary>How often the run has failed, and has begun anew.</summary>
    public int Restarts { get; private set; }

    /// <summary>How many producers have written what the reader has, since the run began anew.</summary>
    public int Producers => _record.Select(message => message.Producer).Distinct().Count();

    public bool IsWhole { get; private set; }

    /// <summary>Reads the run to its end.</summary>
    public async Task ReadAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var options = new EventStreamClientOptions
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            MaxReconnectDelay = TimeSpan.FromSeconds(1),
            OnOpened = _ => Connections++,
        };
        await foreach (var message in client.ReadEventStreamAsync(path, options, cancellationToken))
        {
            if (message.Gap is not null)
            {
                Restarts++;
                _record.Clear();
                continue;
            }

            if (message.Event == "stream-end") break;
            if (message.Data.Split(' ') is not [var number, var producer]) throw new FormatException(message.Data);
            _record.Add((long.Parse(number), producer));
            _record.Count.Should().Be((int)_record[^1].Number, "each message comes once, in order, whichever node has written it");
        }

        _record.Should().HaveCount(messages, "the end comes after the last message");
        var changes = _record.Zip(_record.Skip(1)).Count(pair => pair.First.Producer != pair.Second.Producer);
        changes.Should().Be(Producers - 1, "a producer whose run was taken over writes nothing more");
        IsWhole = true;
    }
}
