using System.Globalization;

namespace EventStream.Testing.Reading;

/// <summary>The number of a message that is numbered in its data, or in its id.</summary>
internal static class TrailingNumber
{
    public static long Of(TestEvent message) => Of(message.Data) ?? Of(message.Id ?? "") ?? throw new EventStreamTestException(
        $"Expected a number at the end of the data or of the id, but the data is '{VisibleText.Of(message.Data)}' and the id "
        + $"'{VisibleText.Of(message.Id ?? "")}'. Say by an argument where the number is.");

    private static long? Of(string text)
    {
        var start = text.Length;
        while (start > 0 && char.IsAsciiDigit(text[start - 1])) start--;
        return long.TryParse(text.AsSpan(start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
