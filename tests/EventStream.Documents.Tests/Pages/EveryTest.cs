[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Trait("Category", "Linux")]
