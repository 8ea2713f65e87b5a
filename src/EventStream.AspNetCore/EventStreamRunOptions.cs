namespace EventStream.AspNetCore;

/// <summary>How a run behaves; see <see cref="EventStreamHubRunExtensions"/>.</summary>
/// <remarks>The call that starts the run decides. A call that joins a run changes nothing of it.</remarks>
public sealed class EventStreamRunOptions
{
    /// <summary>Whether a run of the same name that is complete or stopped starts anew.</summary>
    /// <remarks>
    /// The channel gets a new epoch, and the earlier messages are dropped. So a chat can have one name for all its answers. A run that is
    /// running is joined, never restarted. A request with a <c>Last-Event-ID</c> joins the run that is over as well, because it comes from
    /// a client that reconnects.
    /// </remarks>
    /// <value>False by default: a call joins the run that is over, and gets its messages. A failed run always starts anew.</value>
    public bool Restart { get; set; }

    /// <summary>Whether another node takes the run over when its node dies or stops.</summary>
    /// <remarks>
    /// That node must have called <c>hub.Run</c> for the same channel, because it needs the producer. It calls its own producer with the
    /// number of messages that are there (<see cref="EventStreamRunContext.Messages"/>). Without effect on a channel in memory.
    /// </remarks>
    /// <value>False by default: the run fails when its node dies, and its readers are told.</value>
    public bool TakeOver { get; set; }

    /// <summary>How long a run goes on that no subscriber reads, on any node.</summary>
    /// <remarks>The time also counts from the start until the first subscriber has joined. Then the run is stopped.</remarks>
    /// <value>Null by default: for as long as its producer yields. From 1 s to 1 day.</value>
    public TimeSpan? StopWhenUnread { get; set; }

    /// <summary>What the readers of a run get when its producer throws.</summary>
    /// <remarks>
    /// Called once, on the node that owns the run, after the exception was logged. <see cref="EventStreamErrorAction.EndWith"/> publishes
    /// a last message, and ends the readers' streams cleanly. The run has failed in any case. A run whose node dies gets no last message.
    /// It is not called for an <see cref="EventStreamReportedException"/>, because the producer's own messages have told the readers.
    /// </remarks>
    /// <value>
    /// Null by default, which acts like <see cref="EventStreamErrorAction.Fault"/>: the readers' streams are aborted after the messages
    /// that are there. <see cref="EventStreamErrorAction.Skip"/> acts like <c>Fault</c>.
    /// </value>
    public Func<Exception, EventStreamErrorAction>? OnError { get; set; }
}
