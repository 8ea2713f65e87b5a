namespace EventStream.Conformance.Tests.Parsing;

/// <summary>One row of the table: a stream of bytes, and what every reader has to make of it.</summary>
/// <param name="Name">Its name, unique in the table.</param>
/// <param name="From">Where the behaviour is from.</param>
/// <param name="Chunks">The bytes, each chunk flushed by itself.</param>
/// <param name="Expected">What comes out, as the table has it.</param>
/// <param name="Chromium">What Chromium makes of it instead, by its own fault; null for a row of the table.</param>
internal sealed record Row(string Name, string From, IReadOnlyList<byte[]> Chunks, Outcome Expected, Outcome? Chromium = null)
{
    public byte[] Bytes => [.. Chunks.SelectMany(chunk => chunk)];

    public override string ToString() => Name;
}
