using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An app whose streams have policies of every kind, which are checked again every ten seconds.</summary>
public abstract class ReauthorizedStreams
{
    protected const string Channel = "/channel";

    protected static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    protected static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private DrivenSource? _source;

    protected SourcePerRequest Sources { get; } = new();

    protected Permissions Permissions { get; } = new();

    protected Action<EventStreamOptions>? Options { get; set; }

    protected async Task<TestEventSource> ListenAsync(TestApp app, string path)
    {
        app.Client.DefaultRequestHeaders.Remove("X-User");
        app.Client.DefaultRequestHeaders.Add("X-User", "ann");
        return await app.ListenAsync(path);
    }

    protected async Task ExpectDeliveryAsync(TestApp app, TestEventSource stream, string path)
    {
        var streams = app.App.Services.GetService<IEventStreamPublisher>()!;
        if (path.Contains("channel")) await streams.PublishAsync("prices", "still here");
        else (_source ??= await Sources.NextAsync()).Send(new() { Data = "still here" });
        (await stream.NextAsync()).Data.Should().Be("still here");
    }

    protected Task<TestApp> StartAsync(
        Action<WebApplication>? map = null, Action<IServiceCollection>? services = null) => TestApp.StartAsync(
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("/named", Open).RequireAuthorization("named");
            app.MapGet("/built", Open).RequireAuthorization(policy => policy.AddRequirements(new PermissionAttribute("built")));
            app.MapGet("/default", Open).RequireAuthorization();
            app.MapGet("/required", Open).WithMetadata(new PermissionAttribute("required"));
            app.MapGet("/role", Open).RequireAuthorization(policy => policy.RequireRole("staff"));
            app.MapGet("/open", Open).AllowAnonymous();
            app.MapGet("/own-channel", (EventStreamHub hub) => TypedResults.EventStream(hub.GetChannel("prices")));
            app.MapGet("/chosen-channel", () => TypedResults.EventStream("prices"));
            app.MapEventStream(Channel, "prices");
            app.MapEventStream("/open-channel", "prices").AllowAnonymous();
            app.MapStreams(Sources);
            map?.Invoke(app);
        },
        collection =>
        {
            collection.AddStreams(Sources);
            collection.AddSingleton(Permissions).AddScoped<ScopeMark>().AddScoped<IAuthorizationHandler, PermissionHandler>();
            collection.AddEventStreams(o =>
                {
                    o.ReauthorizationInterval = Interval;
                    Options?.Invoke(o);
                })
                .AddChannel("prices", c => (c.InMemory, c.AuthorizationPolicy) = (true, "channel"));
            HeaderAuthentication.AddTo(collection);
            collection.AddAuthorizationBuilder()
                .AddPolicy("named", policy => policy.AddRequirements(new PermissionAttribute("named")))
                .AddPolicy("channel", policy => policy.AddRequirements(new PermissionAttribute("channel")))
                .AddDefaultPolicy("default", policy => policy.AddRequirements(new PermissionAttribute("default")))
                .AddFallbackPolicy("fallback", policy => policy.AddRequirements(new PermissionAttribute("fallback")));
            services?.Invoke(collection);
        });

    private EventStreamResult Open() => TypedResults.EventStream(Sources.Open());
}
