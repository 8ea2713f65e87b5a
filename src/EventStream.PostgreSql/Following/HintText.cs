using System.Globalization;
using System.Text;
using EventStream.PostgreSql.Appending;

namespace EventStream.PostgreSql.Following;

/// <summary>Hints as notifications carry them: a line a channel, of its newest sequence, a space, and its name.</summary>
internal static class HintText
{
    /// <summary>That there is something in the outbox. No line of a channel begins with it.</summary>
    public const string Outbox = "outbox";

    /// <summary>PostgreSQL takes less than 8000.</summary>
    private const int MaxBytes = 7900;

    /// <summary>As few texts as the channels fit into.</summary>
    public static string[] Write(IEnumerable<ChannelState> channels)
    {
        List<string> texts = [];
        var text = new StringBuilder();
        var size = 0;
        foreach (var channel in channels)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{(channel.IsComplete ? long.MaxValue : channel.Newest)} {channel.Name}\n");
            var bytes = Encoding.UTF8.GetByteCount(line);
            if (size > 0 && size + bytes > MaxBytes)
            {
                texts.Add(text.ToString());
                (size, _) = (0, text.Clear());
            }

            text.Append(line);
            size += bytes;
        }

        if (size > 0) texts.Add(text.ToString());
        return [.. texts];
    }

    /// <summary>The hints of a text. A line that is none, whoever sent it, is a hint at anything.</summary>
    public static IEnumerable<EventStreamLogHint> Read(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            yield return space > 0 && space + 1 < line.Length && long.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var newest)
                ? new(line[(space + 1)..], newest)
                : new(null);
        }
    }
}
