using System.Runtime.InteropServices;

namespace EventStream.Conformance.Servers;

/// <summary>Signals to processes (POSIX), which the framework cannot send but for the one that kills.</summary>
internal static class Signal
{
    public const int Terminate = 15;

    [DllImport("libc", EntryPoint = "kill")]
    public static extern int Send(int process, int signal);
}
