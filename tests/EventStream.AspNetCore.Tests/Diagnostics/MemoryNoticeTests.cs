using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using Microsoft.Extensions.FileProviders;

namespace EventStream.AspNetCore.Tests.Diagnostics;

/// <summary>What an app says at its start of channels that no other node sees.</summary>
public sealed class MemoryNoticeTests
{
    private const int Notice = 31;

    [Fact(Timeout = 30_000)]
    public async Task Start_ChannelsInMemory_AreNamedOnce()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news").AddChannel("orders/{id}").AddChannel("news"));

        Notices(app).Should().ContainSingle().Which.Should().Be(new LogEntry(
            "EventStream.AspNetCore",
            LogLevel.Information,
            Notice,
            "These channels are in the memory of this process: news, orders/{id}. "
            + "Other nodes do not see their messages, and a restart loses them. "
            + "Keep them in a log, such as AddPostgreSql, or set InMemory on each to confirm that memory is intended.",
            null));
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_MemoryIsMeant_IsNotSaid()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news", c => c.InMemory = true).AddChannel("orders"));

        Notices(app).Should().ContainSingle()
            .Which.Message.Should().StartWith("These channels are in the memory of this process: orders. ");
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_MemoryIsMeantForAll_NothingIsSaid()
    {
        await using var app = await ChannelApp.StartAsync(channels => channels.AddChannel("news", c => c.InMemory = true));

        Notices(app).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_ThereIsALog_NothingIsSaid()
    {
        await using var app = await ChannelApp.StartAsync(channels => channels.AddChannel("news").AddLog(_ => new SharedLog()));

        Notices(app).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_InDevelopment_NothingIsSaid()
    {
        await using var app = await ChannelApp.StartAsync(
            channels => channels.AddChannel("news"), services: services => services.AddSingleton<IHostEnvironment>(new Development()));

        Notices(app).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Start_NoChannels_NothingIsSaid()
    {
        await using var app = await ChannelApp.StartAsync(_ => { });

        Notices(app).Should().BeEmpty();
    }

    private static IEnumerable<LogEntry> Notices(TestApp app) =>
        app.Log.Entries.Where(entry => entry.Id == Notice && entry.Category == "EventStream.AspNetCore");

    private sealed class Development : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "App";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
