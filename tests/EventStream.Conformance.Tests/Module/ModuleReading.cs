using EventStream.Conformance.Tests.Parsing;

namespace EventStream.Conformance.Tests.Module;

/// <summary>What the module is asked to read.</summary>
/// <param name="Path">The path of the stream.</param>
/// <param name="Options">The module's options.</param>
/// <param name="Report">A path to ask at each event; null: none.</param>
internal sealed record ModuleRequest(string Path, object Options, string? Report = null);

/// <summary>What the module made of a stream, over all its attempts.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Failures">Each end of an attempt that another one followed.</param>
/// <param name="IsRefused">Whether the stream was closed with an error.</param>
internal sealed record ModuleReading(Received[] Events, ModuleFailure[] Failures, bool IsRefused);

/// <summary>The end of an attempt.</summary>
/// <param name="RetryIn">How long the module would wait before the next one, in milliseconds.</param>
/// <param name="IsBreak">Whether it was no clean end.</param>
internal sealed record ModuleFailure(double RetryIn, bool IsBreak);
