using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace EventStream.AspNetCore.Channels;

/// <summary>Captures the newest revocation for each request before the app's pipeline, which may ask for rights at any point.</summary>
/// <remarks>
/// It costs a request one reference in its features. Where startup filters do not run, a request is captured later: when it reaches
/// <c>MapEventStream</c>, or when a result that streams a channel is executed.
/// </remarks>
internal sealed class RevocationCapture(Revocations revocations) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(pipeline => context =>
        {
            revocations.Capture(context);
            return pipeline(context);
        });
        next(app);
    };
}
