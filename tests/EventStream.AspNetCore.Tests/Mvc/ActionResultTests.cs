using System.ComponentModel.DataAnnotations;
using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Mvc;

/// <summary>Actions that return <see cref="EventStreamResult"/>, with nothing registered but MVC itself.</summary>
public sealed class ActionResultTests
{
    private const string Stream = "text/event-stream";

    [Fact(Timeout = 30_000)]
    public async Task Get_Result_Streams()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/jobs/messages", Stream);

        stream.Header("Content-Type").Should().Be("text/event-stream");
        stream.Header("Cache-Control").Should().Be("no-cache, no-store, no-transform");
        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_LastEventId_SourceStartsThere()
    {
        await using var app = await StartAsync();

        using var stream = await app.OpenAsync("/jobs/resumable", lastEventId: "3");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 3\ndata: message 3\n\nid: 4\ndata: message 4\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_ResultMadeOfTheBody_Streams()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync(HttpMethod.Post, "/jobs", Stream, new { name = "copy", steps = 2 });

        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await stream.ReadMessagesToEndAsync()).Should().Be("event: progress\ndata: copy 1/2\n\nevent: progress\ndata: copy 2/2\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_ActionSetsStatus_StatusIsKept()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync(HttpMethod.Post, "/jobs/accepted", Stream, new { name = "copy", steps = 1 });

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await stream.ReadMessagesToEndAsync()).Should().Be("event: progress\ndata: copy 1/1\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Put_TypedResultInATask_StreamsJson()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync(HttpMethod.Put, "/jobs/7", Stream, new { name = "move", steps = 2 });

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/json");
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: {\"id\":7,\"step\":1}\n\ndata: {\"id\":7,\"step\":2}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_InvalidBody_ProblemDetailsBeforeTheStream()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync(HttpMethod.Post, "/jobs", Stream, new { name = "", steps = 99 });

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Header("Content-Type").Should().StartWith("application/problem+json");
        (await answer.ReadToEndAsync()).Should().Contain("\"errors\":{").And.Contain("Steps").And.NotContain("data:");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_MalformedBody_ProblemDetailsBeforeTheStream()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/jobs", change: request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new StringContent("{", null, "application/json");
        });

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Header("Content-Type").Should().StartWith("application/problem+json");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_NotAuthenticated_401BeforeTheStream()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/jobs/secret", Stream);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await answer.ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_NotAuthorized_403BeforeTheStream()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/jobs/secret", change: request => request.Headers.Add("X-Role", "guest"));

        answer.Response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_Authorized_Streams()
    {
        await using var app = await StartAsync();

        using var stream = await app.OpenAsync("/jobs/secret", change: request => request.Headers.Add("X-Role", "admin"));

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 0\ndata: message 0\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_SourceFailsAtOnce_OrdinaryErrorOfTheApp()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/jobs/broken", Stream);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        answer.Header("Content-Type").Should().NotBe(Stream);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapControllers();
        },
        services =>
        {
            HeaderAuthentication.AddTo(services);
            services.AddController<JobsController>();
        });

    public sealed record Job([MinLength(1)] string Name, [Range(1, 10)] int Steps);

    public sealed record JobStep(int Id, int Step);

    [ApiController]
    [Route("jobs")]
    public sealed class JobsController : ControllerBase
    {
        [HttpGet("messages")]
        public EventStreamResult Messages() => new(Numbered.Messages(0, 2));

        [HttpGet("resumable")]
        public EventStreamResult Resumable() => new(lastEventId => Numbered.Messages(int.Parse(lastEventId ?? "0"), 2));

        [HttpGet("secret")]
        [Authorize(Roles = "admin")]
        public EventStreamResult Secret() => new(Numbered.Messages(0, 1));

        [HttpGet("broken")]
        public EventStreamResult Broken() => new(lastEventId => throw new InvalidOperationException($"No source from '{lastEventId}'."));

        [HttpPost]
        public EventStreamResult Run(Job job) => new(Progress(job));

        [HttpPost("accepted")]
        public EventStreamResult RunLater(Job job)
        {
            Response.StatusCode = StatusCodes.Status202Accepted;
            return new(Progress(job));
        }

        [HttpPut("{id:int}")]
        public async Task<EventStreamResult<JobStep>> Replace(int id, Job job)
        {
            await Task.Yield();
            return new(Steps(id, job));
        }

        private static async IAsyncEnumerable<EventStreamMessage> Progress(Job job)
        {
            for (var step = 1; step <= job.Steps; step++)
            {
                await Task.Yield();
                yield return new() { Event = "progress", Data = $"{job.Name} {step}/{job.Steps}" };
            }
        }

        private static async IAsyncEnumerable<JobStep> Steps(int id, Job job)
        {
            for (var step = 1; step <= job.Steps; step++)
            {
                await Task.Yield();
                yield return new(id, step);
            }
        }
    }
}
