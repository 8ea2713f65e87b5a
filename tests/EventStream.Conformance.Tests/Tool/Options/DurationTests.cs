using EventStream.Conformance.Options;

namespace EventStream.Conformance.Tests.Tool.Options;

public sealed class DurationTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("200ms", 200)]
    [InlineData("20s", 20_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1440m", 86_400_000)]
    public void TryParse_NumberAndUnit_IsATime(string text, double milliseconds)
    {
        Duration.TryParse(text, out var duration).Should().BeTrue();
        duration.TotalMilliseconds.Should().Be(milliseconds);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("20")]
    [InlineData("s")]
    [InlineData("ms")]
    [InlineData("0s")]
    [InlineData("0.5ms")]
    [InlineData("-1s")]
    [InlineData("NaNs")]
    [InlineData("1e3s")]
    [InlineData("1441m")]
    [InlineData("5h")]
    [InlineData("5 s")]
    public void TryParse_AnythingElse_IsNone(string text) => Duration.TryParse(text, out _).Should().BeFalse();

    [Theory(Timeout = 30_000)]
    [InlineData(3.4, "3 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(999.9, "1 s")]
    [InlineData(1_240, "1.2 s")]
    [InlineData(45_000, "45 s")]
    public void Show_Time_IsReadAtAGlance(double milliseconds, string text) =>
        Duration.Show(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(text);
}
