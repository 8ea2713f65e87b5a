using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class RetryLineTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(1, "retry: 1\n")]
    [InlineData(1999.9, "retry: 1999\n")]
    [InlineData(2147483647, "retry: 2147483647\n")]
    [InlineData(2147483648, "retry: 2147483647\n")]
    [InlineData(0, "retry: 1\n")]
    public async Task Write_Milliseconds_OneLineWithoutABlankOne(double milliseconds, string line) => Encoded.By(output =>
        RetryLine.Write(output, TimeSpan.FromMilliseconds(milliseconds))).Should().Be(line);
}
