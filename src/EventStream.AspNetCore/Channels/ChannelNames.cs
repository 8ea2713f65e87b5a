using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore.Channels;

/// <summary>The names and patterns of the app's channels, in the order in which patterns are matched.</summary>
/// <param name="added">The names that code has added.</param>
/// <param name="configurations">The configurations, which may have more names.</param>
internal sealed class ChannelNames(IEnumerable<ChannelRegistration> added, IEnumerable<StreamConfiguration> configurations)
{
    /// <summary>Each name once. If code and configuration have a name in different case, the code's counts.</summary>
    public IReadOnlyList<string> All { get; } = Join([.. added.Select(channel => channel.Name)], configurations);

    private static List<string> Join(List<string> added, IEnumerable<StreamConfiguration> configurations)
    {
        // Compared without case, because an environment variable, often in capitals, can change the case of a key.
        var configured = configurations.SelectMany(configuration => configuration.ChannelNames)
            .Where(name => !added.Contains(name, StringComparer.OrdinalIgnoreCase));
        return [.. added.Concat(configured).Distinct()];
    }
}
