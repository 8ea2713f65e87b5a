namespace EventStream.AspNetCore.Channels;

/// <summary>What a read of a ring, or of a page, found.</summary>
/// <param name="Count">How many messages were copied.</param>
/// <param name="Position">The sequence up to which all was seen; -1 if something before it is lost.</param>
internal readonly record struct RingRead(int Count, long Position)
{
    public static RingRead Gap => new(0, -1);

    public bool IsGap => Position < 0;
}
