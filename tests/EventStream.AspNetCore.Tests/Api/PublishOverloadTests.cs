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
    ];

    public static TheoryData<string, string> EveryValueAtEveryEntrance
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var (value, parameter) in Values)
            {
                rows.Add($"hub.PublishAsync(\"prices\", {value})", parameter);
                rows.Add($"hub.PublishAsync(\"prices\", {value}, new() {{ Key = \"k\" }})", parameter);
                rows.Add($"hub.PublishAsync(\"prices\", {value}, cancellationToken: CancellationToken.None)", parameter);
                rows.Add($"hub.PublishAsync(\"prices\", {value}, transaction)", parameter);
                rows.Add($"hub.PublishAsync(\"prices\", {value}, transaction, new() {{ Key = \"k\" }})", parameter);
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(EveryValueAtEveryEntrance))]
    [InlineData("hub.PublishAsync(\"prices\", new Quote(\"MSFT\", 1), jsonTypeInfo: QuoteJson.Default.Quote)", "T")]
    public void PublishAsync_Value_BindsToItsOwnOverload(string code, string parameter)
    {
        var snippet = Snippet.Expression(code);

        snippet.Complaints.Should().BeEmpty();
        snippet.ParameterAt(1).Should().Be(parameter);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("hub.PublishAsync(\"prices\", null)", "CS8625: Cannot convert null literal to non-nullable reference type.")]
    [InlineData("hub.PublishAsync(\"prices\", null, transaction)", "CS8625: Cannot convert null literal to non-nullable reference type.")]
    [InlineData("hub.PublishAsync(\"prices\", [\"a\", \"b\"])", "CS9174: Cannot initialize type 'EventStreamMessage'*")]
    [InlineData("hub.PublishAsync(\"prices\", \"text\"u8)", "CS9244: *")]
    [InlineData("hub.PublishAsync(\"prices\")", "CS1501: No overload for method 'PublishAsync' takes 1 arguments")]
    public void PublishAsync_WhatCannotBePublished_IsRefused(string code, string complaint) =>
        Snippet.Expression(code).Complaints.Should().ContainSingle().Which.Should().Match(complaint);
}
