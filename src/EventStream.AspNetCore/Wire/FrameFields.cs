namespace EventStream.AspNetCore.Wire;

/// <summary>The fields of a frame besides its data, which <see cref="EventFields"/> has checked. A retry of 0 is none.</summary>
internal readonly record struct FrameFields(string? Comment, string? Id, string? Event, int Retry)
{
    public bool IsEmpty => Comment is null && Id is null && EventFields.IsDefaultEvent(Event) && Retry == 0;

    /// <summary>Writes the fields before the data.</summary>
    public void WriteHead(ref FrameBuffer buffer)
    {
        if (Comment is not null) CommentLines.Write(ref buffer, Comment);
        if (Id is not null) buffer.WriteLine("id: "u8, Id);
        if (!EventFields.IsDefaultEvent(Event)) buffer.WriteLine("event: "u8, Event);
    }

    /// <summary>Writes the fields after the data, and the end of the frame.</summary>
    public void WriteTail(ref FrameBuffer buffer, bool hasData)
    {
        if (Retry > 0)
        {
            buffer.Write("retry: "u8);
            buffer.WriteNumber(Retry);
            buffer.Write("\n"u8);
        }

        // No blank line after only a comment or a retry, because several popular clients would raise an empty event at it.
        if (hasData || Id is not null || !EventFields.IsDefaultEvent(Event)) buffer.Write("\n"u8);
    }
}
