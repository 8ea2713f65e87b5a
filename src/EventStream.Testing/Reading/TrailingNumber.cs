using System.Globalization;

namespace EventStream.Testing.Reading;

/// <summary>Finds the number at the end of a message's data or id.</summary>
internal static class TrailingNumber
{
    public static long Of(TestEvent message) => Of(message.Data) ?? Of(message.Id ?? "") ?? throw new EventStreamTestException(
        $"Expected a number at the end of the data or of the id, but the data is '{VisibleText.Of(message.Data)}' and the id "
        + $"'{VisibleText.Of(message.Id ?? "")}'. Pass a function that returns the number of an event.");

    private static long? Of(string text)
    {
        var start = text.Length;
        while (start > 0 && char.IsAsciiDigit(text[start - 1])) start--;
        return long.TryParse(text.AsSpan(start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
