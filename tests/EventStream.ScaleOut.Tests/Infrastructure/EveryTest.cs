[assembly: AssemblyFixture(typeof(EventStream.Showcase.Tests.Infrastructure.Chromium))]
[assembly: AssemblyFixture(typeof(EventStream.ScaleOut.Tests.Infrastructure.ScaleOutRun))]
[assembly: Trait("Category", "Linux")]
