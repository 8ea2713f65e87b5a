using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventStream.AspNetCore.Configuration;

/// <summary>One entry of the app's configuration, read as the value of an option.</summary>
/// <remarks>
/// If the value does not fit, each member throws a <see cref="FormatException"/> that tells which values the option takes.
/// </remarks>
/// <param name="section">The entry.</param>
/// <param name="failures">Collects the failures of the parts of an entry.</param>
internal readonly struct Setting(IConfigurationSection section, List<string> failures)
{
    private const string TimeForm =
        "A time is hours up to 23, minutes and seconds, such as 00:00:20, or with days in front, such as 7.00:00:00.";

    private static readonly string[] TimeFormats =
        [@"h\:mm", @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF", @"d\.h\:mm", @"d\.h\:mm\:ss", @"d\.h\:mm\:ss\.FFFFFFF"];

    /// <summary>The text; null if the entry is null or empty, which sets the option to null.</summary>
    public string? TextOrNull => IsNull ? null : Value;

    /// <summary>The text unchanged, which may be empty.</summary>
    public string Text => Value ?? throw new FormatException("It cannot be null. Leave it out for its default.");

    public bool Bool => Parse<bool>("true or false");

    public int Int => Parse<int>("a whole number");

    public int? IntOrNull => IsNull ? null : Int;

    public long Long => Parse<long>("a whole number");

    public long? LongOrNull => IsNull ? null : Long;

    /// <summary>A time, without the forms that surprise.</summary>
    /// <remarks>.NET reads a number without a colon, and hours above 23, as days. Both are refused.</remarks>
    public TimeSpan Time => TimeSpan.TryParseExact(Text, TimeFormats, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new FormatException($"{TimeForm} It is not '{Text}'.");

    public TimeSpan? TimeOrNull => IsNull ? null : Time;

    /// <summary>A list of texts.</summary>
    public string[] Texts
    {
        get
        {
            if (!string.IsNullOrEmpty(section.Value)) throw new FormatException("It takes a list, such as [\"error\"].");
            return [.. section.GetChildren().Select(child => child.Value ?? throw new FormatException("It has an entry that is no text."))];
        }
    }

    private string? Value =>
        section.Value is { } text ? text
        : HasParts ? throw new FormatException("It takes one value, but the configuration has keys below it.")
        : null;

    // Empty counts as null, because an environment variable cannot be null.
    public bool IsNull => string.IsNullOrEmpty(section.Value) && !HasParts;

    public bool HasParts => section.GetChildren().Any();

    /// <summary>Reads the parts of an entry, each by its name.</summary>
    public T Parts<T>(SettingsTable<T> table, T value) => table.Read(section, value, failures, []);

    /// <summary>Reads entries whose names the app has chosen.</summary>
    public IEnumerable<(string Key, Setting Setting)> Entries()
    {
        if (!string.IsNullOrEmpty(section.Value)) throw new FormatException($"It is '{section.Value}', and takes entries by their names.");
        foreach (var child in section.GetChildren()) yield return (child.Key, new(child, failures));
    }

    private T Parse<T>(string what)
        where T : IParsable<T> =>
        T.TryParse(Text, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"It takes {what}, and is '{Text}'.");
}
