using System.Globalization;
using System.Text;

namespace EventStream.PostgreSql.Following;

/// <summary>The text of a notification: for each channel a line with its newest sequence, a space, and its name.</summary>
internal static class HintText
{
    // No line of a channel begins with it, because those begin with a digit. Each connection adds its own random text.
    private const string ProofStart = "proof ";

    /// <summary>The most bytes of a notification; PostgreSQL accepts less than 8000.</summary>
    private const int MaxBytes = 7900;

    /// <summary>The bytes of a line beside the name: the longest number, the space, and the end of the line.</summary>
    private const int MaxBytesBesideName = 21;

    /// <summary>Makes the text by which a node proves that notifications reach it; other nodes ignore it.</summary>
    public static string NewProof() => $"{ProofStart}{Guid.NewGuid():N}";

    /// <summary>Whether a text is the proof of any node.</summary>
    public static bool IsProof(string text) => text.StartsWith(ProofStart, StringComparison.Ordinal);

    /// <summary>Assigns each channel's line to a notification, with as few notifications as possible.</summary>
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

    /// <summary>A channel's line, in SQL.</summary>
    /// <remarks>For a complete channel the number is the largest one: every subscriber must read on to learn of the end.</remarks>
    public static string LineOf(string channel, string newest, string isComplete) =>
        $@"(CASE WHEN {isComplete} THEN {long.MaxValue} ELSE {newest} END || ' ' || {channel} || E'\n')";

    /// <summary>The text that makes every subscriber of a channel read on.</summary>
    public static string ReadOn(string channel) => $"{long.MaxValue} {channel}\n";

    /// <summary>The hints of a text; a line of another form is a hint for all channels.</summary>
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
