[assembly: AssemblyFixture(typeof(EventStream.PostgreSql.Tests.Infrastructure.SharedServer))]
[assembly: Trait("Category", "Linux")]
