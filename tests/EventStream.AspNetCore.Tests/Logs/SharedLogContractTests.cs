using EventStream.AspNetCore.Tests.Logs.Contract;

namespace EventStream.AspNetCore.Tests.Logs;

public sealed class SharedLogAppendTests() : LogAppendContract(new SharedLogStore());

public sealed class SharedLogOrderTests() : LogOrderContract(new SharedLogStore());

public sealed class SharedLogRepeatTests() : LogRepeatContract(new SharedLogStore());

public sealed class SharedLogListTests() : LogListContract(new SharedLogStore());

public sealed class SharedLogReplaceTests() : LogReplaceContract(new SharedLogStore());

public sealed class SharedLogEndTests() : LogEndContract(new SharedLogStore());

public sealed class SharedLogEpochTests() : LogEpochContract(new SharedLogStore());

public sealed class SharedLogOriginTests() : LogOriginContract(new SharedLogStore());

public sealed class SharedLogPageTests() : LogPageContract(new SharedLogStore());

public sealed class SharedLogFollowTests() : LogFollowContract(new SharedLogStore());
