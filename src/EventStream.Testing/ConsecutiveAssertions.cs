using EventStream.Testing.Reading;

namespace EventStream.Testing;

/// <summary>Assertions about numbered messages: each once, in order, none missing.</summary>
public static class ConsecutiveAssertions
{
    /// <summary>
    /// Asserts that the events are numbered one after another: each once, in order, none missing. Names the first that is not.
    /// </summary>
    /// <param name="events">The events. None at all is a failure.</param>
    /// <param name="first">The first number. <value>Null: whatever it is.</value></param>
    /// <param name="last">The last number. <value>Null: whatever it is.</value></param>
    /// <param name="number">
    /// The number of an event. Null: the digits with which its data ends, or else those with which its own id ends.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="events"/> is null.</exception>
    /// <exception cref="EventStreamTestException">They are not so.</exception>
    public static void ShouldBeConsecutive(
        this IEnumerable<TestEvent> events, long? first = null, long? last = null, Func<TestEvent, long>? number = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.Select(number ?? TrailingNumber.Of).ShouldBeConsecutive(first, last);
    }

    /// <summary>
    /// Asserts that the numbers of messages follow one another: each once, in order, none missing. Names the first that does not.
    /// </summary>
    /// <param name="numbers">The numbers. None at all is a failure.</param>
    /// <param name="first">The first number. <value>Null: whatever it is.</value></param>
    /// <param name="last">The last number. <value>Null: whatever it is.</value></param>
    /// <exception cref="ArgumentNullException"><paramref name="numbers"/> is null.</exception>
    /// <exception cref="EventStreamTestException">They are not so.</exception>
    public static void ShouldBeConsecutive(this IEnumerable<long> numbers, long? first = null, long? last = null)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (Sequence.FirstOffence([.. numbers], first, last) is { } offence)
        {
            throw new EventStreamTestException($"Expected each message once, in order, none missing, but {offence}.");
        }
    }
}
