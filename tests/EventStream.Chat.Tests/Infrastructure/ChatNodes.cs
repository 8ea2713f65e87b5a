using EventStream.ScaleOut.Tests.Infrastructure;

namespace EventStream.Chat.Tests.Infrastructure;

/// <summary>The sample on two nodes, <c>a</c> and <c>b</c>, as its script starts them.</summary>
public sealed class ChatNodes() : SampleNodes("run-two-nodes", ("Chat__Pace", "00:00:00.05"));
