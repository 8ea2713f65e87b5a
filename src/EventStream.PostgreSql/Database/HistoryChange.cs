namespace EventStream.PostgreSql.Database;

/// <summary>How the tables' history relates to the one of the stored identity.</summary>
internal enum HistoryChange
{
    /// <summary>It is the same.</summary>
    None,

    /// <summary>It continues from a point of the earlier one: a standby was promoted, or the server recovered to a point in time.</summary>
    Continuation,

    /// <summary>It is another one, for example that of a restored dump.</summary>
    Replacement,
}
