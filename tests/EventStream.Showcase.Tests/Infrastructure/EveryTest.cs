using EventStream.Showcase.Tests.Infrastructure;

// Every test here looks at a page, so one browser serves them all. Chromium.cs itself is linked into a project where that is not so.
[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Trait("Category", "Linux")]
