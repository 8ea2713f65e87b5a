namespace EventStream.Conformance.Checks;

/// <summary>A verdict, and what was seen that it rests on.</summary>
internal sealed record Outcome(Verdict Verdict, string Seen)
{
    public static Outcome Pass(string seen) => new(Verdict.Pass, seen);

    public static Outcome Lack(string seen) => new(Verdict.Lack, seen);

    public static Outcome Skip(string how) => new(Verdict.Skip, how);
}
