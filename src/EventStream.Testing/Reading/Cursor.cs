namespace EventStream.Testing.Reading;

/// <summary>A test's place in what has come: it looks at the next item, takes it or leaves it. One caller at a time.</summary>
internal sealed class Cursor(Subscription subscription, TestEventSourceOptions options)
{
    /// <summary>The position after what was taken.</summary>
    public string LastEventId { get; private set; } = options.LastEventId ?? "";

    /// <summary>The reconnection time after what was taken.</summary>
    public TimeSpan Retry { get; private set; } = Subscription.DefaultRetry;

    /// <summary>The time that one call of the test has, for all its waits together.</summary>
    public Deadline NewDeadline() => new(options.Timeout);

    /// <summary>Takes the next item, passing over some.</summary>
    /// <exception cref="EventStreamTestException">It is of another kind, and stays where it is; or nothing comes in time.</exception>
    public async Task<T> TakeAsync<T>(string expected, Func<StreamItem, bool> isPassedOver, Deadline deadline)
        where T : StreamItem
    {
        var item = await LookAsync(expected, isPassedOver, deadline).ConfigureAwait(false);
        if (item is not T) throw Unexpected(expected, item);
        return (T)Take();
    }

    /// <summary>Waits for the next item, passing over some, and leaves it where it is.</summary>
    public async Task<StreamItem> LookAsync(string expected, Func<StreamItem, bool> isPassedOver, Deadline deadline)
    {
        // An item that is there is late as well: events without end must not keep a call for ever that waits for another.
        while (deadline.Left is var left && left > TimeSpan.Zero)
        {
            if (Look(isPassedOver) is { } item) return item;
            await WaitAsync(left).ConfigureAwait(false);
        }

        var fault = subscription.Fault;
        var came = fault is null ? "it did not come" : $"it did not come, and the last attempt had no answer: {Failure.Describe(fault)}";
        throw Failure.Of($"{expected} within {Failure.Show(deadline.Span)}", came, subscription.Transcript, options.Time, fault);
    }

    /// <summary>Lets <paramref name="span"/> pass, or until an item comes that is not passed over. Null if none came.</summary>
    public async Task<StreamItem?> LookAsync(TimeSpan span, Func<StreamItem, bool> isPassedOver)
    {
        if (options.Time is { } time)
        {
            await time.AdvanceAsync(span, () => Look(isPassedOver) is not null).ConfigureAwait(false);
            return Look(isPassedOver);
        }

        var deadline = new Deadline(span);
        while (true)
        {
            var left = deadline.Left;
            if (Look(isPassedOver) is { } item) return item;
            if (left <= TimeSpan.Zero) return null;
            await WaitAsync(left).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the item that was looked at.</summary>
    public StreamItem Take()
    {
        subscription.Items.TryRead(out var item);
        switch (item)
        {
            case StreamItem.Event taken:
                LastEventId = taken.Value.LastEventId;
                break;
            case StreamItem.Position taken:
                LastEventId = taken.Id;
                break;
            case StreamItem.Retry taken:
                Retry = taken.Value;
                break;
        }

        return item!;
    }

    public EventStreamTestException Unexpected(string expected, StreamItem came) =>
        Failure.Of(expected, Failure.Describe(came), subscription.Transcript);

    private StreamItem? Look(Func<StreamItem, bool> isPassedOver)
    {
        while (subscription.Items.TryPeek(out var item))
        {
            if (!isPassedOver(item)) return item;
            Take();
        }

        return null;
    }

    private async Task WaitAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        try
        {
            await subscription.Items.WaitToReadAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever waits looks at the time.
        }
    }
}
