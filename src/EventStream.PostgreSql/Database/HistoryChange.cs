namespace EventStream.PostgreSql.Database;

/// <summary>How the history that the tables have now relates to the one that was there when the identity was stored.</summary>
internal enum HistoryChange
{
    /// <summary>It is the same.</summary>
    None,

    /// <summary>It goes on from a point of the earlier one: a standby was promoted, or the server recovered to a point in time.</summary>
    Continuation,

    /// <summary>It is another one, such as a dump that was loaded.</summary>
    Replacement,
}
