namespace EventStream.Conformance.Tests.Module;

/// <summary>Where the module runs.</summary>
internal interface IModuleHost
{
    /// <summary>The reader for which a row may be, because it depends on the host's <c>fetch</c>.</summary>
    string Reader { get; }

    /// <summary>Reads all streams of a server at once, until the module has closed each.</summary>
    Task<IReadOnlyList<ModuleReading>> ReadAsync(Uri server, IEnumerable<ModuleRequest> requests);
}
