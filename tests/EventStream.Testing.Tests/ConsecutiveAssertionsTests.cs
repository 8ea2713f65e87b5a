namespace EventStream.Testing.Tests;

public sealed class ConsecutiveAssertionsTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(new long[] { }, "there is none")]
    [InlineData(new long[] { 41, 43 }, "after 41 came 43: 42 is missing")]
    [InlineData(new long[] { 41, 45 }, "after 41 came 45: 42 to 44 are missing")]
    [InlineData(new long[] { 41, 42, 43, 42 }, "42 came twice, as the 2nd and the 4th message")]
    [InlineData(new long[] { 41, 43, 42 }, "after 41 came 43: 42 came later, as the 3rd message")]
    [InlineData(new long[] { 41, 42, 7 }, "after 42 came 7: out of order, as the 3rd message")]
    public async Task ShouldBeConsecutive_Offence_NamesTheFirst(long[] numbers, string offence) =>
        numbers.Invoking(it => it.ShouldBeConsecutive()).Should().Throw<EventStreamTestException>()
            .WithMessage($"Expected each message once, in order, none missing, but {offence}.");

    [Theory(Timeout = 30_000)]
    [InlineData(40L, null, "first came 41: 40 is missing")]
    [InlineData(42L, null, "first came 41: out of order, as the 1st message")]
    [InlineData(null, 44L, "42 was the last: 43 to 44 are missing")]
    [InlineData(null, 41L, "42 was the last: 41 was to be it")]
    public async Task ShouldBeConsecutive_OtherEnds_NamesThem(long? first, long? last, string offence) =>
        new long[] { 41, 42 }.Invoking(it => it.ShouldBeConsecutive(first, last)).Should().Throw<EventStreamTestException>()
            .WithMessage($"Expected each message once, in order, none missing, but {offence}.");

    [Fact(Timeout = 30_000)]
    public async Task ShouldBeConsecutive_TwelfthTwice_CountsAsInEnglish() =>
        Enumerable.Range(1, 22).Select(number => (long)number).Append(12).Invoking(it => it.ShouldBeConsecutive())
            .Should().Throw<EventStreamTestException>()
                .WithMessage("*12 came twice, as the 12th and the 23rd message.");

    [Fact(Timeout = 30_000)]
    public async Task ShouldBeConsecutive_Events_NumberOfDataThenOfIdThenAsChosen()
    {
        TestEvent[] events = [new("message", "message 8", "") { Id = "99" }, new("message", "{}", "") { Id = "epoch-9" }];

        events.ShouldBeConsecutive(first: 8, last: 9);
        events.Invoking(it => it.ShouldBeConsecutive(number: message => message.Data.Length)).Should().Throw<EventStreamTestException>()
            .WithMessage("*after 9 came 2: out of order, as the 2nd message.");
    }

    [Fact(Timeout = 30_000)]
    public async Task ShouldBeConsecutive_EventWithoutANumber_NamesWhatToDo() =>
        new TestEvent[] { new("message", "x", "7") }.Invoking(it => it.ShouldBeConsecutive()).Should().Throw<EventStreamTestException>()
            .WithMessage(
                "Expected a number at the end of the data or of the id, but the data is 'x' and the id ''. "
                + "Pass a function that returns the number of an event.");
}
