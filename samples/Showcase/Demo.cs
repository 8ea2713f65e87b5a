namespace Showcase;

/// <summary>A demo: a page under <c>wwwroot/demos</c>, and the endpoints and services that it needs.</summary>
/// <param name="Name">The name of its page, without the extension.</param>
/// <param name="Title">What the list calls it.</param>
/// <param name="Summary">What it shows, in a sentence.</param>
/// <param name="Map">Maps its endpoints.</param>
/// <param name="AddServices">Registers its services, if it has any.</param>
internal sealed record Demo(
    string Name,
    string Title,
    string Summary,
    Action<IEndpointRouteBuilder> Map,
    Action<IServiceCollection>? AddServices = null)
{
    public string Url => $"/demos/{Name}.html";
}
