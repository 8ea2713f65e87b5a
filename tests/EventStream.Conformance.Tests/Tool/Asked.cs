using EventStream.Conformance.Checks;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>One check of a scripted server, all of whose roles are there, each at a path of its option's name.</summary>
internal static class Asked
{
    public static async Task<Outcome> ByAsync(Check check, Func<ScriptedExchange, Task> script, Limits? limits = null)
    {
        await using var server = new ScriptedServer(script);
        var settings = new Settings(server.Address)
        {
            Endpoints = Role.All.Select(role => KeyValuePair.Create(role, PathOf(server.Address, role))),
            Limits = limits ?? new(),
        };
        using var subject = new Subject(settings, null);
        return (await check.ExamineAsync(subject).OrFail($"the verdict on '{check.Name}'")).Outcome;
    }

    /// <summary>
    /// Short limits for checks that wait for what never comes; too short for what must come first on a machine that is busy.
    /// </summary>
    public static Limits Brief => Within(TimeSpan.FromMilliseconds(300));

    /// <summary>Long enough for what must come, before what never comes.</summary>
    public static Limits Patient => Within(TimeSpan.FromSeconds(3));

    private static Limits Within(TimeSpan limit) =>
        new()
        {
            Headers = limit,
            Message = limit,
            KeepAlive = limit,
            Leave = TimeSpan.FromMilliseconds(300),
            Stall = TimeSpan.FromMilliseconds(300),
        };

    private static Uri PathOf(Uri address, Role role) => new(address, role.Option.TrimStart('-'));
}
