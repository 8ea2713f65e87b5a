using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace EventStream.AspNetCore.Channels;

/// <summary>Captures the newest revocation for each request before the app's pipeline can check rights.</summary>
/// <remarks>
/// It costs each request one reference in its features. If startup filters do not run, the request is captured later: when it reaches
/// <c>MapEventStream</c>, or when a result that streams is executed.
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
