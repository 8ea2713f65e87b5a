namespace EventStream.AspNetCore.Channels;

/// <summary>The result of a read of a ring, or of a page.</summary>
/// <param name="Count">How many messages were copied.</param>
/// <param name="Position">The sequence up to which the read has seen every message; -1 if messages before it are lost.</param>
internal readonly record struct RingRead(int Count, long Position)
{
    public static RingRead Gap => new(0, -1);

    public bool IsGap => Position < 0;
}
