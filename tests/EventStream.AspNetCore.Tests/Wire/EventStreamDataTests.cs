using System.Text;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class EventStreamDataTests
{
    [Fact(Timeout = 30_000)]
    public async Task Convert_Null_IsNoData()
    {
        EventStreamData text = (string?)null;
        EventStreamData bytes = (byte[]?)null;

        text.HasValue.Should().BeFalse();
        bytes.HasValue.Should().BeFalse();
        text.Should().Be(default(EventStreamData));
        default(EventStreamData).ToString().Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Convert_Empty_IsData()
    {
        ((EventStreamData)"").HasValue.Should().BeTrue();
        ((EventStreamData)Array.Empty<byte>()).HasValue.Should().BeTrue();
        ((EventStreamData)ReadOnlyMemory<byte>.Empty).HasValue.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Convert_Utf8_Kept()
    {
        EventStreamData array = "é\u2028\uD83D\uDE00"u8.ToArray();
        EventStreamData memory = new ReadOnlyMemory<byte>("xéx"u8.ToArray(), 1, 2);

        array.ToString().Should().Be("é\u2028\uD83D\uDE00");
        memory.ToString().Should().Be("é");
        Encoded.Frame(new() { Data = memory }).Should().Be("data: é\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Convert_NotUtf8_RefusedWithTheReason()
    {
        foreach (var invalid in (byte[][])[[0xFF], [0xC3], [0xC0, 0x8A], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]])
        {
            ((Action)(() => _ = (EventStreamData)invalid)).Should().Throw<ArgumentException>()
                .WithMessage("The data is not UTF-8.*Convert.ToBase64String*");
            ((Action)(() => _ = (EventStreamData)(ReadOnlyMemory<byte>)invalid)).Should().Throw<ArgumentException>()
                .WithMessage("The data is not UTF-8.*");
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Equals_KindAndContent_Both()
    {
        EventStreamData text = "é";
        EventStreamData bytes = Encoding.UTF8.GetBytes("é");
        var json = EventStreamMessage.Json(new Record(1)).Data;

        text.Should().Be((EventStreamData)"é").And.NotBe((EventStreamData)"e").And.NotBe(bytes).And.NotBe(default(EventStreamData));
        bytes.Should().Be((EventStreamData)"é"u8.ToArray()).And.NotBe((EventStreamData)"e"u8.ToArray());
        json.Should().Be(EventStreamMessage.Json(new Record(1)).Data).And.NotBe(EventStreamMessage.Json(new Record(2)).Data)
            .And.NotBe(text);
        (text == (EventStreamData)"é").Should().BeTrue();
        (text != bytes).Should().BeTrue();
        bytes.GetHashCode().Should().Be(((EventStreamData)"é"u8.ToArray()).GetHashCode());
        json.GetHashCode().Should().Be(EventStreamMessage.Json(new Record(1)).Data.GetHashCode());
    }

    [Fact(Timeout = 30_000)]
    public async Task ToString_Json_WhatTheObjectSays() =>
        EventStreamMessage.Json(new Record(1)).Data.ToString().Should().Be("Record { Number = 1 }");

    private sealed record Record(int Number);
}
