namespace EventStream.PostgreSql.Appending;

/// <summary>Identifies the messages that a message replaces: those of the same key, for the same user.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Key">The key.</param>
/// <param name="User">The user; null: all users.</param>
internal readonly record struct MessageKey(string Channel, string Key, string? User);
