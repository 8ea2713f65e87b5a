namespace EventStream.Conformance.Options;

/// <summary>What an endpoint of the server under test is for: each one that is given makes more checks possible.</summary>
/// <param name="Option">The option that names it.</param>
/// <param name="What">What the endpoint does, to follow "a stream".</param>
internal sealed record Role(string Option, string What)
{
    public static readonly Role Silent = new("--silent", "a stream without a message for a long time");
    public static readonly Role Numbered = new("--numbered", "an endless stream whose messages have ids");
    public static readonly Role Evicting = new(
        "--evicting", "the same, but its server keeps so few messages that the first is gone after fifty");
    public static readonly Role Finite = new("--finite", "a stream that ends for good after its last message");
    public static readonly Role Fault = new("--fault", "a stream that fails after a message");
    public static readonly Role Flood = new("--flood", "a stream as fast as it goes");
    public static readonly Role EchoId = new("--echo-id", "a stream of one message whose id is the query parameter 'id'");
    public static readonly Role Comment = new("--comment", "a stream of a comment, then a message");
    public static readonly Role IdOnly = new("--id-only", "a stream of an id without data, then a message");
    public static readonly Role Post = new("--post", "a stream that answers POST");
    public static readonly Role Subscribe = new("--subscribe", "a stream of what is posted to --publish");
    public static readonly Role Publish = new("--publish", "takes POST: its body becomes the data of a message");
    public static readonly Role Cached = new("--cached", "a stream of a second or two that ends, behind the app's own cache");
    public static readonly Role Sources = new("--sources", "answers how many sources of --leave are running, as a number in plain text");

    /// <summary>The one that may be given several times.</summary>
    public static readonly Role Leave = new(
        "--leave", "a stream without a message for a long time, whose source --sources counts; may be given again");

    public static IReadOnlyList<Role> All { get; } =
        [Silent, Numbered, Evicting, Finite, Fault, Flood, EchoId, Comment, IdOnly, Post, Subscribe, Publish, Cached, Sources, Leave];
}
