using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>What a client receives that resumes with a position which the server never sent.</summary>
internal sealed class Gap() : Check(
    "gap",
    "A position that the server does not know is announced to the client, by an event of another type than the stream's own. "
    + "If it is ignored, the client takes what it receives for all that followed; "
    + "answered by a status other than 200, its EventSource is closed for good (WHATWG HTML, 9.2.3).",
    Role.Numbered)
{
    private const int Overlong = 1000;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Numbered);
        Block[] usual;
        await using (var stream = await subject.OpenAsync(address)) usual = await stream.ExpectNumberedAsync(3, subject.Limits.Message);

        var positions = new Dictionary<string, string>
        {
            ["one that makes no sense"] = "no such position!",
            ["one that was not given out yet"] = Later(usual[^1].Id!),
            ["one of 1000 characters"] = new('x', Overlong),
        };
        var answers = new List<KeyValuePair<string, GapAnswer>>();
        foreach (var (name, position) in positions) answers.Add(new(name, await GapAnswer.OfAsync(subject, address, position, usual)));

        var seen = string.Join(
            "; ",
            answers.GroupBy(answer => answer.Value.Seen, answer => answer.Key).Select(same => $"{string.Join(", ", same)}: {same.Key}"));
        return answers.TrueForAll(answer => answer.Value.IsTold) ? Outcome.Pass(seen) : Outcome.Lack(seen);
    }

    /// <summary>The same id with a last number that no server has come to.</summary>
    private static string Later(string id)
    {
        var end = id.LastIndexOfAny([.. "0123456789"]) + 1;
        var start = end;
        while (start > 0 && char.IsAsciiDigit(id[start - 1])) start--;
        return end == 0 ? id + "-999999999" : $"{id[..start]}999999999{id[end..]}";
    }
}
