namespace PriceWatch;

/// <summary>
/// The position that the program has come to, kept for its next start: a file for each server, among the system's temporary files.
/// </summary>
internal sealed class PositionFile(Uri server)
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"price-watch-{Uri.EscapeDataString(server.Authority)}.txt");

    /// <summary>The position; null if there is none yet.</summary>
    public string? Read() => File.Exists(_path) ? File.ReadAllText(_path) : null;

    /// <summary>Keeps a position.</summary>
    public void Keep(string lastEventId)
    {
        // A move is atomic: if the program is killed here, the file has the position before.
        var next = _path + ".next";
        File.WriteAllText(next, lastEventId);
        File.Move(next, _path, overwrite: true);
    }
}
