using System.Collections.Concurrent;
using System.Security.Claims;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>What a check gets: a reloaded user, a scope of its own, and a copy of the request, which stays untouched.</summary>
public sealed class ReauthorizedUserTests : ReauthorizedStreams
{
    private readonly ConcurrentQueue<HttpContext> _checked = new();

    [Fact(Timeout = 30_000)]
    public async Task OnReauthorize_ReturnsNull_StreamEnds()
    {
        Options = o => o.OnReauthorize = static (_, _) => new((ClaimsPrincipal?)null);
        await using var app = await StartAsync();
        await using var stream = await ListenAsync(app, "/open");

        await app.Time.AdvanceAsync(Interval + Tick);

        await stream.ExpectEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnReauthorize_RoleIsRevoked_PolicyRefuses()
    {
        var role = "staff";
        Options = o => o.OnReauthorize = (_, _) => new(UserWith(new Claim(ClaimTypes.Role, role)));
        await using var app = await StartAsync();
        app.Client.DefaultRequestHeaders.Add("X-Role", role);
        await using var stream = await ListenAsync(app, "/role");

        await app.Time.AdvanceAsync(2 * Interval);
        await ExpectDeliveryAsync(app, stream, "/role");
        role = "guest";
        await app.Time.AdvanceAsync(Interval + Tick);

        await stream.ExpectEndAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnReauthorize_ReplacesTheUser_NextCheckGetsItAndTheRequestKeepsItsOwn()
    {
        HttpContext? request = null;
        ConcurrentQueue<string?> seen = new();
        Options = o => o.OnReauthorize = (context, _) =>
        {
            seen.Enqueue(context.User.FindFirstValue(ClaimTypes.NameIdentifier));
            return new(UserWith(new Claim(ClaimTypes.NameIdentifier, $"user {seen.Count}")));
        };
        await using var app = await StartAsync(map => map.MapGet("/kept", (HttpContext context) =>
        {
            request = context;
            return TypedResults.EventStream(Sources.Open());
        }));
        await using var stream = await ListenAsync(app, "/kept");

        await app.AdvanceUntilAsync(Soon.Until(() => seen.Count >= 3), Tick);

        seen.Take(3).Should().Equal("ann", "user 1", "user 2");
        request!.User.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("ann");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnReauthorize_WithoutAuthorizationServices_Runs()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(
            map => map.MapGet("/plain", () => TypedResults.EventStream(Sources.Open())),
            services => services.AddEventStreams(o =>
            {
                o.ReauthorizationInterval = Interval;
                o.OnReauthorize = (context, _) => new(Interlocked.Increment(ref calls) > 1 ? null : context.User);
            }));
        await using var stream = await app.ListenAsync("/plain");

        await app.AdvanceUntilAsync(stream.ExpectEndAsync(), Tick);
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_HasAScopeOfItsOwn_WhichEndsWithIt()
    {
        ScopeMark? requests = null;
        ConcurrentQueue<(ScopeMark Mark, bool IsDisposed)> scopes = new();
        await using var app = await StartAsync(map => map.MapGet("/scoped", (ScopeMark mark) =>
        {
            requests = mark;
            return TypedResults.EventStream(Sources.Open());
        }));
        await using var stream = await ListenAsync(app, "/scoped");

        Permissions.Before = context =>
        {
            var mark = ((HttpContext)context.Resource!).RequestServices.GetRequiredService<ScopeMark>();
            scopes.Enqueue((mark, mark.IsDisposed));
            return Task.CompletedTask;
        };
        await app.AdvanceUntilAsync(Soon.Until(() => scopes.Count >= 2), Tick);
        await Soon.Until(() => scopes.All(scope => scope.Mark.IsDisposed));

        scopes.Should().HaveCountGreaterThanOrEqualTo(2).And.OnlyHaveUniqueItems(scope => scope.Mark);
        scopes.Should().OnlyContain(scope => !scope.IsDisposed && scope.Mark.IsDisposed && scope.Mark != requests);
        requests!.IsDisposed.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_WritesEverywhere_RequestIsUntouched()
    {
        HttpContext? request = null;
        HttpContextAccessor accessor = new();
        var accessed = 0;
        await using var app = await StartAsync(
            map => map.MapGet("/touched/{id}", (HttpContext context) =>
            {
                request = context;
                return TypedResults.EventStream(Sources.Open());
            }),
            services => services.AddSingleton<IHttpContextAccessor>(accessor));
        await using var stream = await ListenAsync(app, "/touched/7");
        var endpoint = request!.GetEndpoint();
        var services = request!.RequestServices;

        Permissions.Before = async context =>
        {
            var copy = (HttpContext)context.Resource!;
            if (ReferenceEquals(accessor.HttpContext, copy)) Interlocked.Increment(ref accessed);
            copy.Items["mine"] = true;
            copy.User = new ClaimsPrincipal();
            copy.Response.StatusCode = 403;
            copy.Response.Headers["X-Mine"] = "yes";
            await copy.Response.WriteAsync("data: forged\n\n");
            copy.Request.Headers["X-Mine"] = "yes";
            copy.Request.RouteValues["id"] = "8";
            copy.SetEndpoint(null);
            copy.Abort();
            _checked.Enqueue(copy);
        };
        await app.AdvanceUntilAsync(Soon.Until(() => !_checked.IsEmpty), Tick);

        await ExpectDeliveryAsync(app, stream, "/touched");
        accessed.Should().BeGreaterThanOrEqualTo(_checked.Count);
        stream.Body.Should().NotContain("forged");
        request!.Items.Should().NotContainKey("mine");
        request.User.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("ann");
        request.Request.Headers.Should().NotContainKey("X-Mine");
        request.Request.RouteValues["id"].Should().Be("7");
        request.GetEndpoint().Should().BeSameAs(endpoint);
        request.RequestServices.Should().BeSameAs(services);
        request.Features.Get<IItemsFeature>().Should().NotBeSameAs(_checked.First().Features.Get<IItemsFeature>());
    }

    [Fact(Timeout = 30_000)]
    public async Task Copy_OutlivesItsRequest_ReadsAsBefore()
    {
        await using var app = await StartAsync(map => map.MapGet("/copied/{id}", () => TypedResults.EventStream(Sources.Open())));
        await using (await ListenAsync(app, "/copied/7?place=here"))
        {
            Permissions.Before = context =>
            {
                _checked.Enqueue((HttpContext)context.Resource!);
                return Task.CompletedTask;
            };
            await app.AdvanceUntilAsync(Soon.Until(() => !_checked.IsEmpty), Tick);
            (await Sources.NextAsync()).Finish();
        }

        await Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.EndsWith("ended: Finished.")));
        Permissions.Before = static _ => Task.CompletedTask;
        await using var next = await ListenAsync(app, "/copied/8?place=there");

        var copy = _checked.First();
        copy.Request.Path.Value.Should().Be("/copied/7");
        copy.Request.Query["place"].Should().Equal("here");
        copy.GetRouteValue("id").Should().Be("7");
        copy.Request.Headers["X-User"].Should().Equal("ann");
        copy.User.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("ann");
        copy.GetEndpoint()!.DisplayName.Should().Contain("/copied/{id}");
        copy.Connection.RemoteIpAddress.Should().NotBeNull();
    }

    private static ClaimsPrincipal UserWith(Claim claim) => new(new ClaimsIdentity([claim], "reloaded"));
}
