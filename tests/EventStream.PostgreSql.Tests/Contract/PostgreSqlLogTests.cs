using EventStream.AspNetCore.Tests.Logs.Contract;

namespace EventStream.PostgreSql.Tests.Contract;

public sealed class PostgreSqlLogAppendTests(SharedServer server) : LogAppendContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogOrderTests(SharedServer server) : LogOrderContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogRepeatTests(SharedServer server) : LogRepeatContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogListTests(SharedServer server) : LogListContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogReplaceTests(SharedServer server) : LogReplaceContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogEndTests(SharedServer server) : LogEndContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogEpochTests(SharedServer server) : LogEpochContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogOriginTests(SharedServer server) : LogOriginContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogPageTests(SharedServer server) : LogPageContract(new PostgreSqlLogStore(server));

public sealed class PostgreSqlLogFollowTests(SharedServer server) : LogFollowContract(new PostgreSqlLogStore(server));
