namespace EventStream.AspNetCore.Tests.Api;

/// <summary>What users mistype: the compiler refuses it, each time with the words that it has for it.</summary>
public sealed class MistakeTests
{
    // The compiler names the closest method of that name, which is the one for Results.Extensions.
    private const string NoOverload =
        "CS1929: 'Results' does not contain a definition for 'EventStream' and the best extension method overload*";

    [Theory(Timeout = 30_000)]
    [InlineData("Task.FromResult(Ticks())", NoOverload)]
    [InlineData("Task.FromResult(Quotes())", NoOverload)]
    [InlineData("new List<Quote>()", NoOverload)]
    [InlineData("new[] { new EventStreamMessage() }", NoOverload)]
    [InlineData("new EventStreamMessage()", NoOverload)]
    [InlineData("Ticks", NoOverload)]
    [InlineData("FeedWithToken", NoOverload)]
    [InlineData("Ticks().WithCancellation(default)", NoOverload)]
    [InlineData("Ticks(), default(CancellationToken)", NoOverload)]
    [InlineData("Ticks(), new EventStreamOptions()", NoOverload)]
    [InlineData("Quotes(), \"price\"", NoOverload)]
    [InlineData("hub.GetChannel(\"a\"), new EventStreamSubscription(\"b\")", NoOverload)]
    [InlineData("hub.GetChannel(\"a\"), new(\"b\")", "CS1729: 'EventStreamSubscriptionOptions' does not contain a constructor*")]
    [InlineData("async id => Feed(id)", "CS1622: Cannot return a value from an iterator.*")]
    [InlineData("async id => { await Task.Yield(); return Quotes(); }", "CS1622: Cannot return a value from an iterator.*")]
    [InlineData("null", "CS0121: The call is ambiguous*")]
    [InlineData("", "CS1501: No overload for method 'EventStream' takes 0 arguments")]
    [InlineData("(string id) => Feed(id)", "CS8622: Nullability of reference types in type of parameter 'id'*")]
    public void EventStream_WrongArgument_IsRefused(string arguments, string complaint) =>
        Snippet.Expression($"Results.EventStream({arguments})").Complaints.Should().ContainSingle().Which.Should().Match(complaint);

    // A function without a parameter returns a run; one of messages takes the position.
    [Fact(Timeout = 30_000)]
    public void EventStream_FunctionWithoutThePosition_IsRefused() =>
        Snippet.Expression("Results.EventStream(() => Ticks())").Complaints.Should()
            .Contain(
                complaint => complaint.StartsWith(
                    "CS0266: Cannot implicitly convert type "
                    + "'System.Collections.Generic.IAsyncEnumerable<EventStream.AspNetCore.EventStreamMessage>' to "
                    + "'EventStream.AspNetCore.EventStreamRunRequest'"));

    // EventStreamData is the type in the message, and its documentation says that an object goes through Json.
    [Theory(Timeout = 30_000)]
    [InlineData("Data = new Quote(\"MSFT\", 1)", "CS0029: Cannot implicitly convert type '*.Quote' to '*.EventStreamData'")]
    [InlineData("Data = (object)\"text\"", "CS0266: Cannot implicitly convert type 'object' to '*.EventStreamData'.*")]
    [InlineData("Data = 42", "CS0029: Cannot implicitly convert type 'int' to '*.EventStreamData'")]
    [InlineData("Data = \"text\"u8", "CS0029: Cannot implicitly convert type 'System.ReadOnlySpan<byte>' to '*.EventStreamData'")]
    [InlineData("Data = null", "CS0037: Cannot convert null to 'EventStreamData'*")]
    [InlineData("Id = 42", "CS0029: Cannot implicitly convert type 'int' to 'string'")]
    [InlineData("Retry = 3000", "CS0029: Cannot implicitly convert type 'int' to 'System.TimeSpan?'")]
    public void Message_FieldOfAnotherType_IsRefused(string field, string complaint) =>
        Snippet.Expression($"new EventStreamMessage {{ {field} }}").Complaints.Should().ContainSingle().Which.Should().Match(complaint);

    [Theory(Timeout = 30_000)]
    [InlineData(
        "var message = new EventStreamMessage(); message.Data = \"late\";",
        "CS8852: Init-only property or indexer 'EventStreamMessage.Data'*")]
    [InlineData(
        "var message = new EventStreamMessage(); message.Id = \"late\";", "CS8852: Init-only property or indexer 'EventStreamMessage.Id'*")]
    [InlineData("EventStreamMessage message = \"text\";", "CS0029: Cannot implicitly convert type 'string' to '*.EventStreamMessage'")]
    [InlineData(
        "EventStreamResult result = Results.EventStream(Quotes());",
        "CS0029: Cannot implicitly convert type '*.EventStreamResult<*.Quote>' to '*.EventStreamResult'")]
    [InlineData(
        "new EventStreamResult(Quotes());",
        "CS1503: Argument 1: cannot convert from '*IAsyncEnumerable<*.Quote>' to '*IAsyncEnumerable<*.EventStreamMessage>'")]
    [InlineData("app.MapGet(\"/\", () => found ? TypedResults.NotFound() : TypedResults.EventStream(Ticks()));", "CS1593: *")]
    public void Statement_ThatCannotWork_IsRefused(string code, string complaint) =>
        Snippet.Statement(code).Complaints.Should().ContainSingle().Which.Should().Match(complaint);
}
