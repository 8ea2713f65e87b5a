namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>One kind of bad client.</summary>
/// <param name="Name">What it does.</param>
/// <param name="RunAsync">Does it once, on connections of its own, which are closed afterwards.</param>
internal sealed record Attack(string Name, Func<AttackedApp, Random, Task> RunAsync)
{
    public static IReadOnlyList<Attack> All { get; } = [.. Http1Attacks.All, .. Http2Attacks.All];

    public override string ToString() => Name;
}
