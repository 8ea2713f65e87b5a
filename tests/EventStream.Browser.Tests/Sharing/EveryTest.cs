using EventStream.Browser.Tests.Sharing;

// One browser serves all tests: each has tabs of its own context, which share nothing with others.
[assembly: AssemblyFixture(typeof(Renderers))]
[assembly: Trait("Category", "Linux")]
