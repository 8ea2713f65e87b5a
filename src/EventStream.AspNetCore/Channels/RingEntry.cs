namespace EventStream.AspNetCore.Channels;

/// <summary>One message of a ring: its frame, encoded once, its metadata and its sequence.</summary>
/// <remarks>
/// Immutable, except the fields that the ring sets when it adds the message. The bytes hold the id line right before the rest of the frame.
/// So one slice is the frame that all subscribers share, and a shorter one is the frame without its id.
/// </remarks>
internal struct RingEntry
{
    public byte[]? Bytes;
    public string? Event;
    public EventStreamMetadata? Metadata;
    public long Sequence;
    public long PublishedAt;
    public int IdStart;
    public int BodyStart;

    /// <summary>Whether a newer message of the same key has replaced it.</summary>
    public readonly bool IsReplaced => Bytes is null;

    public readonly int Size => Bytes is null ? 0 : Bytes.Length;

    public readonly ReadOnlySpan<byte> Frame => Bytes.AsSpan(IdStart);

    public readonly ReadOnlySpan<byte> FrameWithoutId => Bytes.AsSpan(BodyStart);
}
