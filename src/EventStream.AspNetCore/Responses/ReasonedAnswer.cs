using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Responses;

/// <summary>Answers a request that the client must change: a status, and the reason as the body.</summary>
/// <remarks>
/// The answer is the app's problem details if <c>AddProblemDetails</c> was called and the client accepts them. Otherwise it is text: an
/// <c>EventSource</c> accepts only event streams, but a developer still reads the reason in the browser's tools.
/// </remarks>
internal static class ReasonedAnswer
{
    public static async Task WriteAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        if (context.RequestServices?.GetService<IProblemDetailsService>() is { } problems)
        {
            ProblemDetailsContext problem = new() { HttpContext = context, ProblemDetails = { Status = status, Detail = reason } };
            var writing = problems.TryWriteAsync(problem).AsTask();
            if (!await context.ReturnsAsync(writing, "The problem details service") || await writing) return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.SendAsync(context.Response.WriteAsync(reason, context.RequestAborted));
    }
}
