using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Sets an option from an entry of the app's configuration.</summary>
internal delegate void ReadSetting<T>(ref T options, Setting setting);

/// <summary>The options of a type by their names in the app's configuration, each with the function that reads it.</summary>
/// <remarks>
/// A table in code, because a binder that uses reflection does not survive trimming. The binder that is generated at compile time ignores
/// an option whose type it does not know. A test compares the tables with the public options.
/// </remarks>
internal sealed class SettingsTable<T>() : Dictionary<string, ReadSetting<T>>(StringComparer.OrdinalIgnoreCase)
{
    private const string RootHint =
        " If this is the app's whole configuration, give a section of it, such as builder.Configuration.GetSection(\"EventStreams\").";

    private string Names => string.Join(", ", Keys);

    /// <summary>Sets the options that a section has.</summary>
    /// <param name="section">The section.</param>
    /// <param name="options">The options to set.</param>
    /// <param name="name">The name of the options; null if they have none.</param>
    /// <param name="others">The keys of the section that are read elsewhere.</param>
    /// <exception cref="OptionsValidationException">Entries are no options, or have invalid values. It lists all failures.</exception>
    public void Bind(IConfiguration section, T options, string? name = null, IReadOnlyCollection<string>? others = null)
    {
        List<string> failures = [];
        Read(section, options, failures, others ?? []);
        if (failures.Count > 0) throw new OptionsValidationException(name ?? Options.DefaultName, typeof(T), failures);
    }

    /// <summary>Sets the options that a section or a part of it has, and adds its failures to a list.</summary>
    public T Read(IConfiguration section, T options, List<string> failures, IReadOnlyCollection<string> others)
    {
        if (section is IConfigurationSection { Value.Length: > 0 } text)
        {
            failures.Add($"{text.Path} is '{text.Value}', and takes options by their names: {Names}.");
        }

        foreach (var entry in section.GetChildren())
        {
            if (others.Contains(entry.Key, StringComparer.OrdinalIgnoreCase))
            {
                if (!string.IsNullOrEmpty(entry.Value)) failures.Add($"{entry.Path} is '{entry.Value}', and takes entries by their names.");
                continue;
            }

            if (!TryGetValue(entry.Key, out var read))
            {
                var hint = section is IConfigurationRoot ? RootHint : "";
                failures.Add($"{entry.Path} is no option. There are: {string.Join(", ", others.Prepend(Names))}.{hint}");
                continue;
            }

            try
            {
                read(ref options, new(entry, failures));
            }
            catch (Exception exception) when (exception is FormatException or ArgumentException)
            {
                failures.Add($"{entry.Path}: {exception.Message}");
            }
        }

        return options;
    }
}
