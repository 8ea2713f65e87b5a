namespace EventStream.AspNetCore.Tests.Api;

/// <summary>
/// Which overload of publishing the compiler takes: each call that looks right has one, and messages in any sequence have that of messages.
/// </summary>
public sealed class PublishOverloadTests
{
    private static readonly (string Value, string Parameter)[] Values =
    [
        ("new EventStreamMessage { Data = \"text\" }", "EventStreamMessage"),
        ("EventStreamMessage.Json(new Quote(\"MSFT\", 1))", "EventStreamMessage"),
        ("default(EventStreamMessage)", "EventStreamMessage"),
        ("new() { Data = \"text\" }", "EventStreamMessage"),
        ("\"text\"", "T"),
        ("$\"{found}\"", "T"),
        ("\"text\"u8.ToArray()", "T"),
        ("new Quote(\"MSFT\", 1)", "T"),
        ("new { Symbol = \"MSFT\" }", "T"),
        ("42", "T"),
        ("new List<Quote>()", "T"),
        ("new[] { 1, 2 }", "T"),
        ("new[] { \"a\" }.Select(text => new Quote(text, 1))", "T"),
        ("(object)\"text\"", "T"),
        ("Messages()", "T"),
        ("new[] { new EventStreamMessage() }", "T"),
    ];

    private static readonly (string Value, string Parameter)[] Batches =
    [
        ("Messages()", "IEnumerable<EventStreamMessage>"),
        ("Messages().Where(message => message.Id is null)", "IEnumerable<EventStreamMessage>"),
        ("Messages().OrderBy(message => message.Id)", "IEnumerable<EventStreamMessage>"),
        ("new[] { \"a\" }.Select(text => new EventStreamMessage { Data = text })", "IEnumerable<EventStreamMessage>"),
        ("new[] { new EventStreamMessage() }", "IEnumerable<EventStreamMessage>"),
        ("new EventStreamMessage[] { }", "IEnumerable<EventStreamMessage>"),
        ("new List<EventStreamMessage>()", "IEnumerable<EventStreamMessage>"),
        ("(IReadOnlyList<EventStreamMessage>)[]", "IEnumerable<EventStreamMessage>"),
        ("(ICollection<EventStreamMessage>)[]", "IEnumerable<EventStreamMessage>"),
        ("System.Collections.Immutable.ImmutableArray.Create(new EventStreamMessage())", "IEnumerable<EventStreamMessage>"),
        ("new ArraySegment<EventStreamMessage>([])", "IEnumerable<EventStreamMessage>"),
        ("Messages().AsQueryable()", "IEnumerable<EventStreamMessage>"),
        ("Messages().ToHashSet()", "IEnumerable<EventStreamMessage>"),
        ("[]", "IEnumerable<EventStreamMessage>"),
        ("[new() { Data = \"a\" }, new() { Data = \"b\" }]", "IEnumerable<EventStreamMessage>"),
        ("[.. Messages(), new EventStreamMessage()]", "IEnumerable<EventStreamMessage>"),
        ("new List<Quote>()", "IEnumerable<T>"),
        ("new[] { new Quote(\"MSFT\", 1) }", "IEnumerable<T>"),
        ("new[] { \"a\" }.Select(text => new Quote(text, 1))", "IEnumerable<T>"),
        ("[new Quote(\"MSFT\", 1)]", "IEnumerable<T>"),
        ("[\"a\", \"b\"]", "IEnumerable<T>"),
        ("new[] { 1, 2 }", "IEnumerable<T>"),
        ("new object[] { \"text\", 1 }", "IEnumerable<T>"),
    ];

    private static readonly string[] Rest =
    [
        "",
        ", new() { Key = \"k\" }",
        ", null",
        ", metadata: new() { Key = \"k\" }",
        ", cancellationToken: CancellationToken.None",
        ", transaction",
        ", transaction, new() { Key = \"k\" }",
        ", transaction, metadata: new() { Key = \"k\" }, cancellationToken: CancellationToken.None",
    ];

    public static TheoryData<string, int, string> EveryValueAtEveryEntrance
    {
        get
        {
            var rows = new TheoryData<string, int, string>();
            foreach (var rest in Rest)
            {
                foreach (var (value, parameter) in Values) Add("PublishAsync", value + rest, parameter);
                foreach (var (value, parameter) in Batches) Add("PublishBatchAsync", value + rest, parameter);
            }

            return rows;

            void Add(string method, string arguments, string parameter)
            {
                rows.Add($"hub.{method}(\"prices\", {arguments})", 1, parameter);
                rows.Add($"streams.{method}(\"prices\", {arguments})", 1, parameter);
                rows.Add($"hub.GetChannel(\"prices\").{method}({arguments})", 0, parameter);
            }
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(EveryValueAtEveryEntrance))]
    [InlineData("hub.PublishAsync(\"prices\", new Quote(\"MSFT\", 1), jsonTypeInfo: QuoteJson.Default.Quote)", 1, "T")]
    [InlineData("streams.PublishAsync(\"prices\", new Quote(\"MSFT\", 1), eventName: \"quote\")", 1, "T")]
    [InlineData("streams.PublishAsync(\"prices\", new EventStreamMessage(), eventName: \"quote\")", 1, "T")]
    [InlineData("streams.PublishAsync(\"prices\", new Quote(\"MSFT\", 1), transaction, eventName: \"quote\")", 1, "T")]
    [InlineData("streams.PublishBatchAsync(\"prices\", [new Quote(\"MSFT\", 1)], eventName: \"quote\")", 1, "IEnumerable<T>")]
    [InlineData("streams.PublishBatchAsync(\"prices\", Messages(), eventName: \"quote\")", 1, "IEnumerable<T>")]
    public void Publish_Value_BindsToItsOwnOverload(string code, int place, string parameter)
    {
        var snippet = Snippet.Expression(code);

        snippet.Complaints.Should().BeEmpty();
        snippet.ParameterAt(place).Should().Be(parameter);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("hub.PublishAsync(\"prices\", null)", "*cannot convert from '<null>' to 'EventStream.AspNetCore.EventStreamMessage'*")]
    [InlineData("hub.PublishAsync(\"prices\", null, transaction)", "*cannot convert from '<null>' to *EventStreamMessage'*")]
    [InlineData("hub.PublishBatchAsync(\"prices\", null)", "CS8625: Cannot convert null literal to non-nullable reference type.")]
    [InlineData("hub.PublishAsync(\"prices\", [\"a\", \"b\"])", "*EventStreamMessage*")]
    [InlineData("hub.PublishAsync(\"prices\", [new EventStreamMessage()])", "*EventStreamMessage*")]
    [InlineData("hub.PublishBatchAsync(\"prices\", new Quote(\"MSFT\", 1))", "*IEnumerable<EventStream.AspNetCore.EventStreamMessage>*")]
    [InlineData("hub.PublishBatchAsync(\"prices\", Ticks())", "*IEnumerable<EventStream.AspNetCore.EventStreamMessage>*")]
    [InlineData("hub.PublishAsync(\"prices\", \"text\"u8)", "*ReadOnlySpan<byte>*")]
    [InlineData("hub.PublishAsync(\"prices\")", "CS*: No overload for method 'PublishAsync' takes 1 arguments")]
    public void Publish_WhatCannotBePublished_IsRefused(string code, string complaint) =>
        string.Join("; ", Snippet.Expression(code).Complaints).Should().Match(complaint);
}
