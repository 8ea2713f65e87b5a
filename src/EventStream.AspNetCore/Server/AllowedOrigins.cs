namespace EventStream.AspNetCore.Server;

/// <summary>The origins that the app allows, beside those of loopback.</summary>
internal sealed class AllowedOrigins() : HashSet<string>(StringComparer.OrdinalIgnoreCase);
