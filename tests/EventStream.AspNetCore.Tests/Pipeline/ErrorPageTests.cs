using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>The exception handler, and the developer's exception page.</summary>
public sealed class ErrorPageTests
{
    private const string OneMessage = "data: before\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData("handler", "handled")]
    [InlineData("developer", nameof(InvalidTimeZoneException))]
    public async Task SourceFails_BeforeItsFirstAwait_OrdinaryErrorPageAndOneErrorInTheLog(string page, string content)
    {
        await using var app = await StartAsync(page, _ => throw new InvalidTimeZoneException());

        using var response = await app.Client.GetAsync("/").OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).Should().Contain(content);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception.Should().BeOfType<InvalidTimeZoneException>();
    }

    // The page logs what it saw and lets it pass, because the response has started; then the server logs it again. Without such a page it
    // is one.
    [Theory(Timeout = 30_000)]
    [InlineData("none", 1)]
    [InlineData("handler", 2)]
    [InlineData("developer", 2)]
    public async Task SourceFails_AfterTheStart_MessagesArriveTheCutIsVisibleAndTheLogHasTheErrorOfEachThatSawIt(string page, int errors)
    {
        var source = new DrivenSource();
        await using var app = await StartAsync(page, _ => source.Messages());
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        source.Send(new() { Data = "before" });
        source.Throw(new InvalidTimeZoneException("secret"));

        (await stream.ReadAsync(OneMessage)).Should().Be(OneMessage);
        await stream.ReadRetryAsync();
        var readingOn = () => stream.ReadToEndAsync();
        await readingOn.Should().ThrowAsync<IOException>("the response must not look complete");
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any(entry => entry.Category.Contains("Kestrel")));
        app.Log.AtLeast(LogLevel.Error).Should().HaveCount(errors).And.OnlyContain(entry => entry.Exception is InvalidTimeZoneException);
    }

    private static Task<TestApp> StartAsync(string page, Func<string?, IAsyncEnumerable<EventStreamMessage>> source) =>
        TestApp.StartAsync(app =>
        {
            if (page == "handler") app.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("handled")));
            if (page == "developer") app.UseDeveloperExceptionPage();
            app.UseRouting();
            app.MapGet("/", () => Results.EventStream(source));
        });
}
