using System.Security.Cryptography;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Makes names of nodes: a person recognises the process in one, and no two processes have the same.</summary>
internal static class NodeName
{
    private const int RandomLength = 8;

    public static string New()
    {
        var random = RandomNumberGenerator.GetString(Positions.Alphabet, RandomLength);
        return $"{Environment.MachineName}/{Environment.ProcessId}/{random}";
    }
}
