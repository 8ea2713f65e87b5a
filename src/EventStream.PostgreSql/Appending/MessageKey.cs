namespace EventStream.PostgreSql.Appending;

/// <summary>What a message replaces: the one before it of the same key, for the same user.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Key">The key.</param>
/// <param name="User">The user; null: everybody.</param>
internal readonly record struct MessageKey(string Channel, string Key, string? User);
