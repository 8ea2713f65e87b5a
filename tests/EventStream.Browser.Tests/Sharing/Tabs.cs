namespace EventStream.Browser.Tests.Sharing;

/// <summary>Tests of tabs run one after the other, because the processes of ten tabs take the whole machine.</summary>
[CollectionDefinition(nameof(Tabs))]
public sealed class Tabs;
