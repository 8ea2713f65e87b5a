using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

public sealed class PrintableTests
{
    [Fact(Timeout = 30_000)]
    public void Of_ControlCharacters_CannotReachTheTerminal() => Printable.Of("a\0b\u001B[31m é").Should().Be("a<00>b<1B>[31m é");

    [Fact(Timeout = 30_000)]
    public void Of_LongText_IsCut() => Printable.Of(new('x', 1000)).Should().Be(new string('x', 80) + "…");
}
