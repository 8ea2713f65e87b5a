namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A log as its contract sees it. Messages are text; a read gives what follows a sequence, and null for a gap.</summary>
internal abstract class TestedLog
{
    public abstract long Newest { get; }

    public abstract long BeforeOldest { get; }

    public abstract bool IsCompleted { get; }

    public abstract (int Messages, long Bytes) Size { get; }

    public abstract long Append(string data, string? key = null, long publishedAt = 0, string? user = null);

    public abstract (IReadOnlyList<(long Sequence, string Data)> Messages, long Position)? Read(long after, int most = 1024);

    public abstract long BeforeLast(int count);

    public abstract void DropOlderThan(long timestamp);

    public abstract bool Complete();

    /// <summary>The messages after <paramref name="after"/>, which must not be a gap.</summary>
    public IEnumerable<string> DataAfter(long after) => Read(after)!.Value.Messages.Select(message => message.Data);
}
