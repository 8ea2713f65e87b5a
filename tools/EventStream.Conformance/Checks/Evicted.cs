using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>What a client receives that resumes after its messages were evicted.</summary>
internal sealed class Evicted() : Check(
    "gap after eviction",
    "A position whose following messages are evicted is announced to the client, like one that the server does not know.",
    Role.Evicting)
{
    private const int Enough = 50;

    protected override async Task<Outcome> RunAsync(Subject subject)
    {
        var address = subject.Settings.The(Role.Evicting);
        Block[] usual;
        await using (var stream = await subject.OpenAsync(address))
        {
            usual = await stream.ExpectNumberedAsync(Enough, subject.Limits.Message);
        }


        var answer = await GapAnswer.OfAsync(subject, address, usual[0].Id!, usual);
        var seen = $"{Printable.Of(usual[0].Id!)}, {Enough} messages later: {answer.Seen}";
        if (answer.IsTold) return Outcome.Pass(seen);
        return answer.First?.Id == usual[1].Id
            ? Outcome.Skip(
                $"after {Enough} messages the first is still kept: give {Role.Evicting.Option} <url> of a stream that keeps fewer")
            : Outcome.Lack(seen);
    }
}
