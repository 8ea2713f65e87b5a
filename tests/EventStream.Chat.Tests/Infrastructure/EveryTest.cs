[assembly: AssemblyFixture(typeof(EventStream.Showcase.Tests.Infrastructure.Chromium))]
[assembly: Trait("Category", "Linux")]
