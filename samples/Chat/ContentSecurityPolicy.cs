namespace Chat;

internal static class ContentSecurityPolicy
{
    /// <summary>Lets a page run and load nothing but the files of this app.</summary>
    public static void UseContentSecurityPolicy(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        return next(context);
    });
}
