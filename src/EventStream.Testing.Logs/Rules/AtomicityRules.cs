using System.Text.RegularExpressions;

namespace EventStream.Testing.Logs.Rules;

/// <summary>An append writes all of its records to a channel or none, also if the call is cancelled or rejected.</summary>
internal sealed class AtomicityRules : LogRules
{
    public async Task Append_Cancelled_OfEachChannelAllOfItsRecordsOrNone()
    {
        const int calls = 60, each = 3;

        // Some calls are cancelled before they begin, some during the append, and some after it.
        var appended = await AtOnceAsync(calls, async (node, call) =>
        {
            using var cancel = new CancellationTokenSource();
            EventStreamLogRecord[] records =
                [.. Enumerable.Repeat(Message($"{call}"), each), .. Enumerable.Repeat(Elsewhere($"{call}"), each)];
            if (call % 6 == 1) await cancel.CancelAsync();
            var append = node.AppendAsync(records, cancel.Token).AsTask();
            for (var i = 0; i < call % 5 * 4; i++) await Task.Yield();
            if (call % 4 != 0) await cancel.CancelAsync();
            try
            {
                await InTime(append);
                return $"{call}";
            }
            catch (Exception exception) when (exception is OperationCanceledException or EventStreamLogException)
            {
                return null;
            }
        });

        foreach (var page in await ReadPagesAsync(One, Everything(Name), Everything(OtherName)))
        {
            var there = TextsOf(page).CountBy(text => text).ToDictionary();
            foreach (var (call, count) in there) Expect.Equal(count, each, $"the call {call} has appended {each} records to the channel");
            var missing = appended.OfType<string>().Where(call => !there.ContainsKey(call));
            Expect.Sequence(missing, [], "calls that returned, but whose records are not in the channel");
        }

        Expect.True(appended.OfType<string>().Count() >= calls / 4, "an append that is not cancelled succeeds");
    }

    public async Task Append_ReadWhileItIsUnderWay_IsSeenWholeOrNotAtAll()
    {
        const int calls = 60, each = 3;
        var reading = AtOnceAsync(4, async (node, _) =>
        {
            var seen = 0;
            while (seen < calls * each)
            {
                var page = await ReadAsync(node, after: seen);
                Expect.Equal(page.Newest % each, 0, $"{each} are appended together");
                Expect.Equal(page.Records.Count % each, 0, $"{each} are appended together");
                seen += page.Records.Count;
            }

            return seen;
        });

        var appending = AppendAllAsync();

        // Throws the first failure: a reader sees a part, or an append does not return.
        await await Task.WhenAny(reading, appending);
        await Task.WhenAll(reading, appending);

        // One after the other, so that parts of two calls cannot look like a whole one.
        async Task AppendAllAsync()
        {
            for (var i = 0; i < calls; i++) await AppendAsync(One, [.. Enumerable.Repeat(Message($"{i}"), each)]);
        }
    }

    public async Task Append_ListOfAnotherLength_IsRefusedAndNothingOfTheCallIsAppended()
    {
        await AppendAsync(One, List("k", "a", "b", "c"));

        foreach (var length in (int[])[1, 2, 4])
        {
            var list = List("k", [.. Enumerable.Repeat("x", length)]);
            var refusal = await Expect.ThrowsAsync<InvalidOperationException>(
                () => AppendAsync(Two, [Message("before"), .. list, Message("after")]));

            foreach (var said in (int[])[3, length])
            {
                Expect.True(Regex.IsMatch(refusal.Message, $@"\b{said}\b"), $"the text says both lengths: {refusal.Message}");
            }

            Expect.Sequence(TextsOf(await ReadAsync(One)), ["a", "b", "c"]);
        }

        Expect.Sequence(await AppendAsync(Two, List("k", "a", "b", "c")), [At(1), At(2), At(3)]);
    }

    public async Task Append_RefusedInOneOfItsChannels_NothingIsAppendedUnlessItsOutcomeIsUnknown()
    {
        await AppendAsync(One, List("k", "a", "b", "c"));

        try
        {
            await AppendAsync(Two, [Elsewhere("before"), .. List("k", "x"), Elsewhere("after")]);
            throw new LogContractException("The list has the key of a list of another length, and was not rejected.");
        }
        catch (InvalidOperationException)
        {
            Expect.Equal((await ReadPagesAsync(One, Everything(OtherName)))[0].Newest, 0, "the node appends parts of the call again");
        }
        catch (EventStreamLogException exception) when (exception.IsOutcomeUnknown)
        {
            var texts = TextsOf((await ReadPagesAsync(One, Everything(OtherName)))[0]);
            Expect.True(texts.Length is 0 or 2, "the other channel has all records or none");
        }

        Expect.Sequence(TextsOf(await ReadAsync(One)), ["a", "b", "c"]);
    }
}
