using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class WriteBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void Grows_WhatWasWrittenStays(int step)
    {
        var buffer = WriteBuffer.Rent();
        var expected = new byte[2_000_000];
        Random.Shared.NextBytes(expected);

        for (var at = 0; at < expected.Length; at += step)
        {
            var part = expected.AsSpan(at, Math.Min(step, expected.Length - at));
            part.CopyTo(buffer.GetSpan(part.Length));
            buffer.Advance(part.Length);
        }

        buffer.Written.ToArray().Should().Equal(expected);
        buffer.Return();
    }

    [Fact]
    public void Rented_TwiceOnOneThread_AreTwoBuffers()
    {
        var first = WriteBuffer.Rent();
        var second = WriteBuffer.Rent();

        second.Should().NotBeSameAs(first);
        first.Return();
        second.Return();
    }

    [Fact]
    public void Returned_NextIsEmpty()
    {
        var buffer = WriteBuffer.Rent();
        buffer.GetSpan(5_000_000).Clear();
        buffer.Advance(5_000_000);
        buffer.Return();

        WriteBuffer.Rent().Length.Should().Be(0);
    }

    [Fact]
    public void Returned_AfterALargeFrame_KeepsNothingLarge()
    {
        var buffer = WriteBuffer.Rent();
        buffer.GetSpan(5_000_000).Clear();
        buffer.Advance(5_000_000);
        buffer.Return();

        var next = WriteBuffer.Rent();
        next.Should().BeSameAs(buffer, "one is kept a thread");
        next.GetMemory().Length.Should().BeLessThan(FrameArrays.LargestPooled);
        next.Return();
    }
}
