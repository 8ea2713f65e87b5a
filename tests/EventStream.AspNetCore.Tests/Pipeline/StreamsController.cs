using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>
/// The stream of an MVC action. It is no <c>ApiController</c>, because the framework has defaults for one that would hide what is missing
/// in ours.
/// </summary>
[ApiExplorerSettings]
public sealed class StreamsController(Infrastructure.SourcePerRequest sources) : ControllerBase
{
    [HttpGet("/mvc")]
    public EventStreamResult Open() => new(sources.Open());
}
