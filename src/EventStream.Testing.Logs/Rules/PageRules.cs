namespace EventStream.Testing.Logs.Rules;

/// <summary>Pages: the messages after a position, as many as requested, and the channel's state.</summary>
internal sealed class PageRules : LogRules
{
    public async Task Read_APage_IsWhatFollowsUpToItsCountAndBytes()
    {
        await AppendAsync(One, [.. Enumerable.Repeat(Message("ten bytes."), 10)]);

        await ExpectAsync(after: 0, maxCount: 3, maxBytes: 1000, "1,2,3");
        await ExpectAsync(after: 2, maxCount: 3, maxBytes: 1000, "3,4,5");
        await ExpectAsync(after: 8, maxCount: 5, maxBytes: 1000, "9,10");
        await ExpectAsync(after: 9, maxCount: 1, maxBytes: 1000, "10");
        await ExpectAsync(after: 10, maxCount: 5, maxBytes: 1000, "");
        await ExpectAsync(after: 99, maxCount: 5, maxBytes: 1000, "");
        await ExpectAsync(after: long.MaxValue, maxCount: 5, maxBytes: 1000, "");
        await ExpectAsync(after: 0, maxCount: 100, maxBytes: 1000, "1,2,3,4,5,6,7,8,9,10");
        await ExpectAsync(after: 0, maxCount: 5, maxBytes: 20, "1,2");
        await ExpectAsync(after: 0, maxCount: 5, maxBytes: 29, "1,2");
        await ExpectAsync(after: 0, maxCount: 5, maxBytes: 30, "1,2,3");
        await ExpectAsync(after: 4, maxCount: 5, maxBytes: 1, "5");

        async Task ExpectAsync(long after, int maxCount, int maxBytes, string expected)
        {
            var page = await ReadAsync(Two, after, maxCount, maxBytes);
            Expect.Equal(string.Join(',', SequencesOf(page)), expected, $"after {after}, at most {maxCount} messages and {maxBytes} bytes");
            ExpectPage(page, newest: 10);
        }
    }

    public async Task Read_LargeMessages_EachIsAPageAlone()
    {
        string[] texts = ["small", new('x', 5000), "small", new('y', 5000), new('z', 5000)];
        await AppendAsync(One, [.. texts.Select(text => Message(text))]);

        for (var after = 0L; after < 5; after++) Expect.Sequence(SequencesOf(await ReadAsync(Two, after, maxBytes: 1000)), [after + 1]);
    }

    public async Task Read_SeveralChannels_APageForEachInTheirOrder()
    {
        await AppendAsync(One, Message("1"), Message("2"), Elsewhere("other 1"), End());

        var pages = await ReadPagesAsync(
            Two, new EventStreamLogRequest(OtherName, 0, 9, 99), new(Name + "/none", 0, 9, 99), new(Name, 1, 9, 99));

        Expect.Sequence(pages.Select(page => string.Join(',', TextsOf(page))), ["other 1", "", "2"]);
        Expect.Sequence(pages.Select(page => page.Epoch is null), [false, true, false]);
        Expect.Equal(pages[2].Epoch, Epoch);
        Expect.Unique(pages.Select(page => page.Epoch));
        Expect.Sequence(pages.Select(page => page.Newest), [1, 0, 2]);
        Expect.Sequence(pages.Select(page => page.IsComplete), [false, false, true]);
    }

    public async Task Read_Cancelled_ReturnsSoonAndDisturbsNoOther()
    {
        await AppendAsync(One, Message("a"));
        using var cancel = new CancellationTokenSource();
        var reading = One.ReadAsync([Everything(Name)], cancel.Token).AsTask();
        await cancel.CancelAsync();

        // The read may have completed before the cancellation.
        foreach (var read in (Task[])[reading, One.ReadAsync([Everything(Name)], cancel.Token).AsTask()])
        {
            try
            {
                await read.WithinAsync(Store.WaitLimit, "the end of ReadAsync after its token was cancelled");
            }
            catch (Exception exception) when (exception is OperationCanceledException or EventStreamLogException)
            {
            }
        }

        Expect.Sequence(TextsOf(await ReadAsync(One)), ["a"]);
    }
}
