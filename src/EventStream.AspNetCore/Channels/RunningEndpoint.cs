using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>An endpoint that streams the run of a channel while it is running on any node, and otherwise answers 204.</summary>
/// <param name="hub">The hub.</param>
/// <param name="channel">The channel's name.</param>
/// <param name="subscription">Which of the channel's messages the response gets; null: all that are not for one user.</param>
/// <param name="options">The valid options of the stream.</param>
internal sealed class RunningEndpoint(
    EventStreamHub hub, string channel, EventStreamSubscriptionOptions? subscription, EventStreamOptions options)
{
    /// <summary>Answers a request. It starts nothing, and creates no channel.</summary>
    public Task RunAsync(HttpContext context)
    {
        hub.Registry.Revocations.Capture(context);
        if (AuthenticationExpiry.HasExpired(context, hub.Host, options)) return AuthenticationExpiry.RefuseAsync(context);
        return hub.Registry.DefinitionOf(channel) is { } definition
            ? AskAsync(context, definition).Unwrap()
            : Results.NotFound().ExecuteAsync(context);
    }

    /// <summary>Asks the policy and the log, and begins the answer.</summary>
    /// <returns>A task that completes with the task of the answer, so that this method does not stay as long as the stream.</returns>
    private async Task<Task> AskAsync(HttpContext context, ChannelDefinition definition)
    {
        if (ChannelPolicy.Of(channel, definition.Options) is { } policy && !await policy.AdmitsAsync(context)) return Task.CompletedTask;
        var asking = FindAsync(definition, EventStreamResponse.PositionOf(context, options));
        if (!await context.SucceedsAsync(asking, "The log behind the channels")) return Task.CompletedTask;
        return await asking is { } source
            ? EventStreamResponse.RunAsync(context, source, options)
            : Results.NoContent().ExecuteAsync(context);
    }

    /// <summary>Finds the run to stream; null if there is none.</summary>
    private async Task<ChannelSource?> FindAsync(ChannelDefinition definition, string? lastEventId)
    {
        if (await hub.GetRunAsync(channel) is not { } run) return null;
        if (run.State != EventStreamRunState.Running && !await IsReadingAsync(definition, lastEventId)) return null;

        // The run may have begun anew on another node, and this node may still have the earlier history.
        if (hub.Registry.Find(channel) is { } backing) await backing.CatchUpAsync();
        WantedChannel wanted = new(channel, definition, History: null, run.Channel.Run);
        return new(hub.Registry, [wanted], subscription, arePoliciesChecked: true);
    }

    /// <summary>Whether the client has lost its connection in the middle of the run, and gets the rest, although the run is over.</summary>
    private async Task<bool> IsReadingAsync(ChannelDefinition definition, string? lastEventId) =>
        lastEventId is not null && !EndMark.IsOn(lastEventId)
            && await hub.Registry.FindHistoryAsync(channel, definition, lastEventId) is { } history
            && Positions.AreOver(lastEventId, [history]);
}
