using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A stream in each way in which an app may map one.</summary>
public static class StreamEndpoints
{
    /// <summary>Its handler's type hides the stream, and no other metadata shows it.</summary>
    public const string Hidden = "/hidden";

    /// <summary>Those of which the pipeline knows that they stream.</summary>
    public static TheoryData<string> Known => ["/typed", "/declared", "/group/declared", "/negotiated", "/mvc"];

    public static void AddStreams(this IServiceCollection services, SourcePerRequest sources) =>
        services.AddSingleton(sources).AddControllers().AddApplicationPart(typeof(StreamEndpoints).Assembly);

    public static void MapStreams(this WebApplication app, SourcePerRequest sources)
    {
        app.MapGet("/typed", () => TypedResults.EventStream(sources.Open()));
        app.MapGet("/declared", OpenOrNotFound).WithEventStreamDefaults();
        app.MapGroup("/group").WithEventStreamDefaults().MapGet("/declared", OpenOrNotFound);
        app.MapGet("/negotiated", () => sources.Open()).WithEventStreamNegotiation();
        app.MapControllers();
        app.MapGet(Hidden, OpenOrNotFound);

        IResult OpenOrNotFound(bool missing = false) => missing ? Results.NotFound() : Results.EventStream(sources.Open());
    }
}
