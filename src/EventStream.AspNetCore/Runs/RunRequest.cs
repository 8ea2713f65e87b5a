using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Diagnostics;

namespace EventStream.AspNetCore.Runs;

/// <summary>A run that the app has asked for, with its producer.</summary>
/// <remarks>A caller may forget to start it. Nothing else would tell, so the finalizer of an unused one logs it.</remarks>
internal sealed class RunRequest(EventStreamHub hub, string channel, EventStreamRunOptions options, RunProducer producer)
    : EventStreamRunRequest(hub, channel, options)
{
    ~RunRequest()
    {
        try
        {
            Log.RunNeverStarted(Hub.Host.Logger, Channel);
        }
        catch (Exception)
        {
            // A logger of an app that has been disposed of. An exception of a finalizer would end the process.
        }
    }

    public RunProducer Producer => producer;

    [SuppressMessage("Usage", "CA1816", Justification = "The finalizer finds forgotten calls, and frees nothing.")]
    internal override void Use() => GC.SuppressFinalize(this);

    internal override Task<EventStreamRun> StartAsync(bool mayRestart, CancellationToken cancellationToken)
    {
        Use();
        return Hub.Runs.StartAsync(this, mayRestart, cancellationToken);
    }
}
