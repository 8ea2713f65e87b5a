using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>An endpoint that streams channels: finds the request's channels, checks their policies, and answers.</summary>
/// <param name="hub">The hub.</param>
/// <param name="pattern">The pattern whose channels it serves; null: the channels that the app's function names.</param>
/// <param name="optionsOf">Returns the valid options of a request's stream.</param>
internal sealed class ChannelEndpoint(EventStreamHub hub, string? pattern, Func<HttpContext, EventStreamOptions> optionsOf)
{
    private static readonly Dictionary<string, KnownHistory?> NothingAsked = [];

    private readonly ChannelDefinition? _served = pattern is null ? null : hub.Registry.DefinitionOfPattern(pattern);

    /// <summary>Answers a request.</summary>
    /// <remarks>
    /// It creates no async state machine that lasts as long as the stream, and without a policy or the log no scope of services. An idle
    /// subscriber would keep both in memory.
    /// </remarks>
    public Task RunAsync(HttpContext context, Func<HttpContext, EventStreamSubscription> subscribe)
    {
        // Captured before the app's function, which may check the user's rights: step 1 of Revocations.
        hub.Registry.Revocations.Capture(context);
        var subscription = subscribe(context)
            ?? throw new InvalidOperationException("The function of MapEventStream returned null. Return a subscription, or throw.");
        if (subscription.Fault is { } reason) return ReasonedAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, reason);
        var options = optionsOf(context);

        // Before anything is looked up, so that the answer does not tell whether a channel exists.
        if (AuthenticationExpiry.HasExpired(context, hub.Host, options)) return AuthenticationExpiry.RefuseAsync(context);
        var position = EventStreamResponse.PositionOf(context, options);
        var wanted = subscription.Channels.Select(name => new Wanted(name, DefinitionOf(name))).ToArray();
        var asks = Array.Exists(wanted, one => one.Definition?.Options.AuthorizationPolicy is not null || NeedsLog(one, position));
        Request request = new(context, options, subscription.Options, wanted, position);
        return asks ? AskAsync(request).Unwrap() : AnswerAsync(request, NothingAsked);
    }

    /// <summary>Asks the policies and the log, and begins the answer.</summary>
    /// <returns>
    /// A task that completes with the task of the answer. So this method does not await the stream, which would keep its state machine of
    /// 240 bytes.
    /// </returns>
    private async Task<Task> AskAsync(Request request)
    {
        var (context, _, _, wanted, position) = request;

        // Before the log, because a client that may not subscribe must not cause reads.
        if (!await MaySubscribeAsync(context, wanted)) return Task.CompletedTask;
        Dictionary<string, KnownHistory?>? inLog = null;
        foreach (var one in wanted)
        {
            if (!NeedsLog(one, position)) continue;
            var asking = hub.Node!.ReadHistoryAsync(one.Name);
            if (!await context.SucceedsAsync(asking, "The log behind the channels")) return Task.CompletedTask;
            (inLog ??= new(StringComparer.Ordinal)).Add(one.Name, await asking);
        }

        return AnswerAsync(request, inLog ?? NothingAsked);
    }

    /// <summary>Checks the channels' policies; returns false if that has answered the request.</summary>
    private static async Task<bool> MaySubscribeAsync(HttpContext context, Wanted[] wanted)
    {
        foreach (var (name, definition) in wanted)
        {
            if (definition is null || ChannelPolicy.Of(name, definition.Options) is not { } policy) continue;
            if (!await policy.AdmitsAsync(context)) return false;
        }

        return true;
    }

    /// <summary>Answers a client that may subscribe, without an async state machine, as <see cref="RunAsync"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="inLog">The channels that the log was asked for, and the histories that it has of them.</param>
    private Task AnswerAsync(Request request, Dictionary<string, KnownHistory?> inLog)
    {
        var (context, options, subscription, wanted, position) = request;

        // Before the channels are looked up, because a channel that the client has read to its end may be dropped.
        KnownHistory?[] histories = Array.ConvertAll(wanted, HistoryOf);
        if (IsEnd(position) && Positions.AreOver(position, histories)) return Results.NoContent().ExecuteAsync(context);
        var channels = new WantedChannel[wanted.Length];
        for (var i = 0; i < channels.Length; i++)
        {
            var (name, served) = wanted[i];
            if (served is not { } definition) return AnswerUnknownAsync(context, name, onUnknown: null);
            var mayOpen = definition.Options.CreateOnSubscribe || inLog.GetValueOrDefault(name) is not null
                || hub.Registry.Exists(name, definition) || hub.IsOfEarlierHistory(name, position);
            if (!mayOpen) return AnswerUnknownAsync(context, name, definition.Options.OnUnknown);
            channels[i] = new(name, definition, histories[i]);
        }

        ChannelSource source = new(hub.Registry, channels, subscription, arePoliciesChecked: true);
        return EventStreamResponse.RunAsync(context, source, options);

        KnownHistory? HistoryOf(Wanted one)
        {
            if (one.Definition is null) return null;
            return inLog.TryGetValue(one.Name, out var known) ? known : hub.Registry.Find(one.Name)?.Known;
        }
    }

    private static async Task AnswerUnknownAsync(HttpContext context, string name, Func<HttpContext, string, IResult>? onUnknown)
    {
        var answering = (onUnknown?.Invoke(context, name) ?? Results.NotFound()).ExecuteAsync(context);
        if (await context.ReturnsAsync(answering, "The result of OnUnknown")) await answering;
    }

    private static bool IsEnd([NotNullWhen(true)] string? position) => position is not null && EndMark.IsOn(position);

    /// <summary>Whether the answer depends on a channel's existence or epoch, and only the log has it, or may have a newer one.</summary>
    private bool NeedsLog(Wanted one, string? position) =>
        one.Definition is { IsDurable: true } definition
            && (IsEnd(position)
                ? hub.Registry.Find(one.Name)?.Known is not { } known || !Positions.AreOver(position, [known])
                : !definition.Options.CreateOnSubscribe && !hub.Registry.Exists(one.Name, definition));

    /// <summary>The definition of a channel, if this endpoint serves it; others may have stricter authorization.</summary>
    private ChannelDefinition? DefinitionOf(string name) =>
        hub.Registry.DefinitionOf(name) is { } definition && (pattern is null || definition == _served) ? definition : null;

    /// <summary>A request for a stream.</summary>
    /// <param name="Context">The request itself.</param>
    /// <param name="Options">The options of its stream.</param>
    /// <param name="Subscription">Which messages of its channels it gets.</param>
    /// <param name="Wanted">Its channels.</param>
    /// <param name="Position">The position that the client sent.</param>
    private readonly record struct Request(
        HttpContext Context, EventStreamOptions Options, EventStreamSubscriptionOptions Subscription, Wanted[] Wanted, string? Position);

    /// <summary>A channel that a request names, looked up once, because matching patterns costs time.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Definition">Its definition; null if this endpoint does not serve it.</param>
    private readonly record struct Wanted(string Name, ChannelDefinition? Definition);
}
