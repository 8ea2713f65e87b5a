using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore.Channels;

/// <summary>The names and patterns of the app's channels, in the order in which a pattern is looked for.</summary>
/// <param name="added">Those that code has added.</param>
/// <param name="configurations">The configurations, of which each may have more.</param>
internal sealed class ChannelNames(IEnumerable<ChannelRegistration> added, IEnumerable<StreamConfiguration> configurations)
{
    /// <summary>Each once. A name of the configuration that code has added in another case is the code's.</summary>
    public IReadOnlyList<string> All { get; } = Join([.. added.Select(channel => channel.Name)], configurations);

    private static List<string> Join(List<string> added, IEnumerable<StreamConfiguration> configurations)
    {
        // An environment variable, which is often in capitals, can change the case of a key.
        var configured = configurations.SelectMany(configuration => configuration.ChannelNames)
            .Where(name => !added.Contains(name, StringComparer.OrdinalIgnoreCase));
        return [.. added.Concat(configured).Distinct()];
    }
}
