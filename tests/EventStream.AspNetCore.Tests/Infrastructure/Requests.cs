namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Requests with an <c>Accept</c> of their own, and a body.</summary>
public static class Requests
{
    /// <summary>Sends a GET.</summary>
    /// <param name="app">The app.</param>
    /// <param name="path">The path.</param>
    /// <param name="accept">The header as it goes out; null for none.</param>
    public static Task<StreamReading> AskAsync(this TestApp app, string path, string? accept) => app.AskAsync(HttpMethod.Get, path, accept);

    /// <summary>Sends a request, with <paramref name="body"/> as JSON if it is not null.</summary>
    public static Task<StreamReading> AskAsync(this TestApp app, HttpMethod method, string path, string? accept, object? body = null) =>
        app.OpenAsync(path, change: request =>
        {
            request.Method = method;
            request.Headers.Accept.Clear();
            if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
            if (body is not null) request.Content = JsonContent.Create(body);
        });
}
