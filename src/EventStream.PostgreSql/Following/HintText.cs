using System.Globalization;
using System.Text;

namespace EventStream.PostgreSql.Following;

/// <summary>Hints as notifications carry them: a line a channel, of its newest sequence, a space, and its name.</summary>
internal static class HintText
{
    // No line of a channel begins with it. What follows is different for each connection.
    private const string ProofStart = "proof ";

    /// <summary>PostgreSQL takes less than 8000.</summary>
    private const int MaxBytes = 7900;

    /// <summary>The longest number, the space and the end of the line.</summary>
    private const int MaxBytesBesideName = 21;

    /// <summary>A text by which a node hears whether notifications reach it, and which says nothing to the others.</summary>
    public static string NewProof() => $"{ProofStart}{Guid.NewGuid():N}";

    /// <summary>Whether a text is the proof of some node.</summary>
    public static bool IsProof(string text) => text.StartsWith(ProofStart, StringComparison.Ordinal);

    /// <summary>In which of as few notifications as are enough each channel has its line.</summary>
    public static int[] Distribute(IReadOnlyList<string> channels)
    {
        var notifications = new int[channels.Count];
        var (notification, size) = (0, 0);
        for (var place = 0; place < channels.Count; place++)
        {
            var bytes = Encoding.UTF8.GetByteCount(channels[place]) + MaxBytesBesideName;
            size += bytes;
            if (size > MaxBytes && size > bytes) (notification, size) = (notification + 1, bytes);
            notifications[place] = notification;
        }

        return notifications;
    }

    /// <summary>A channel's line, in SQL. Whoever follows one that has ended has to read on, whatever it has.</summary>
    public static string LineOf(string channel, string newest, string isComplete) => $@"(CASE WHEN {isComplete} THEN {long.MaxValue} ELSE {newest} END || ' ' || {channel} || E'\n')";

    /// <summary>The hints of a text. A line that is none, whoever sent it, is a hint at anything.</summary>
    public static IEnumerable<EventStreamLogHint> Read(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var isHint = space > 0 && space + 1 < line.Length;
            yield return isHint && long.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var newest)
                ? new(line[(space + 1)..], newest == long.MaxValue ? null : newest)
                : new(null);
        }
    }
}
