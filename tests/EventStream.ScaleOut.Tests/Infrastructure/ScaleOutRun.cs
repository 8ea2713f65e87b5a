namespace EventStream.ScaleOut.Tests.Infrastructure;

/// <summary>The sample as its one command starts it: the nodes <c>a</c>, <c>b</c> and <c>c</c>.</summary>
public sealed class ScaleOutRun() : SampleNodes("run");
