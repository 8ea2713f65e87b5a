namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>A producer that yields the texts <c>1</c>, <c>2</c>… and ends.</summary>
internal static class Texts
{
    public static IAsyncEnumerable<EventStreamMessage> From(int first, int count) =>
        Enumerable.Range(first, count).Select(n => new EventStreamMessage { Data = $"{n}" }).ToAsyncEnumerable();
}
