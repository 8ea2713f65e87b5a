using System.Net.Sockets;
using EventStream.Conformance.Options;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>One question to a server.</summary>
/// <param name="name">A word or two, by which the report is read.</param>
/// <param name="rule">What is asked for, and which standard or which practice says so.</param>
/// <param name="needs">The roles without which it is skipped.</param>
internal abstract class Check(string name, string rule, params IReadOnlyList<Role> needs)
{
    public string Name => name;

    public string Rule => rule;

    /// <summary>Asks; whatever goes wrong on the way is an outcome too.</summary>
    public async Task<Finding> ExamineAsync(Subject subject)
    {
        var missing = needs.Where(role => !subject.Settings.Has(role)).ToArray();
        return new(
            name,
            rule,
            missing.Length > 0
                ? Outcome.Skip($"give {string.Join(", and ", missing.Select(role => $"{role.Option} <url>: {role.What}"))}")
                : await TryAsync(subject));
    }

    protected abstract Task<Outcome> RunAsync(Subject subject);

    private async Task<Outcome> TryAsync(Subject subject)
    {
        try
        {
            return await RunAsync(subject);
        }
        catch (LackException lack)
        {
            return Outcome.Lack(lack.Message);
        }
        catch (InvalidDataException error)
        {
            return Outcome.Lack($"the response is not HTTP/1.1: {error.Message}");
        }
        catch (TooLongException error)
        {
            return Outcome.Lack($"the server sent {error.Message}, and the tool reads no further");
        }
        catch (Exception error) when (error is IOException or SocketException or HttpRequestException)
        {
            // Some of these texts quote the server.
            return Outcome.Lack($"the connection failed: {Printable.UpTo(400, error.Message)}");
        }
    }
}
