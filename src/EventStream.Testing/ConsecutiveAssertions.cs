using EventStream.Testing.Reading;

namespace EventStream.Testing;

/// <summary>Assertions about numbered messages: each once, in order, none missing.</summary>
public static class ConsecutiveAssertions
{
    /// <summary>Asserts that the events' numbers are consecutive: each once, in order, none missing.</summary>
    /// <remarks>The exception names the first number that is wrong.</remarks>
    /// <param name="events">The events. An empty sequence is a failure.</param>
    /// <param name="first">The first number; null, the default, for any.</param>
    /// <param name="last">The last number; null, the default, for any.</param>
    /// <param name="number">
    /// Returns the number of an event. Null, the default: the digits at the end of its data, or else at the end of its own id.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="events"/> is null.</exception>
    /// <exception cref="EventStreamTestException">They are not consecutive, or not from first to last.</exception>
    public static void ShouldBeConsecutive(
        this IEnumerable<TestEvent> events, long? first = null, long? last = null, Func<TestEvent, long>? number = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.Select(number ?? TrailingNumber.Of).ShouldBeConsecutive(first, last);
    }

    /// <summary>Asserts that the numbers are consecutive: each once, in order, none missing.</summary>
    /// <remarks>The exception names the first number that is wrong.</remarks>
    /// <param name="numbers">The numbers. An empty sequence is a failure.</param>
    /// <param name="first">The first number; null, the default, for any.</param>
    /// <param name="last">The last number; null, the default, for any.</param>
    /// <exception cref="ArgumentNullException"><paramref name="numbers"/> is null.</exception>
    /// <exception cref="EventStreamTestException">They are not consecutive, or not from first to last.</exception>
    public static void ShouldBeConsecutive(this IEnumerable<long> numbers, long? first = null, long? last = null)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (Sequence.FirstOffence([.. numbers], first, last) is { } offence)
        {
            throw new EventStreamTestException($"Expected each message once, in order, none missing, but {offence}.");
        }
    }
}
