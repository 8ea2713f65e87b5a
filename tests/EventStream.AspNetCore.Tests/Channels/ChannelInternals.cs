using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>What tests see of a channel behind its handle.</summary>
internal static class ChannelInternals
{
    extension(EventStreamChannel channel)
    {
        public ChannelBacking Backing => channel.Registry.Get(channel.Name);

        public ChannelHistory History => channel.Backing.History!;

        public string Epoch => channel.History.Epoch;

        public void Fail(Exception exception) => channel.History.TryComplete(ExceptionDispatchInfo.Capture(exception));
    }
}
