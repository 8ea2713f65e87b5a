namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A source of numbered messages, each with its number as id.</summary>
public static class Numbered
{
    public static async IAsyncEnumerable<EventStreamMessage> Messages(int first, int count)
    {
        for (var number = first; number < first + count; number++) yield return new() { Id = $"{number}", Data = $"message {number}" };
        await Task.CompletedTask;
    }
}
