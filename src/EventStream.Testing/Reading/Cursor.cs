namespace EventStream.Testing.Reading;

/// <summary>A test's place among the items that have arrived. For one caller at a time.</summary>
internal sealed class Cursor(Subscription subscription, TestEventSourceOptions options)
{
    /// <summary>The position after the last item that was taken.</summary>
    public string LastEventId { get; private set; } = options.LastEventId ?? "";

    /// <summary>The reconnection time after the last item that was taken.</summary>
    public TimeSpan Retry { get; private set; } = Subscription.DefaultRetry;

    /// <summary>Begins the time limit of one call of the test, for all its waits together.</summary>
    public Deadline NewDeadline() => new(options.Timeout);

    /// <summary>Takes the next item, and skips some before it.</summary>
    /// <exception cref="EventStreamTestException">The item is of another kind, and is not taken; or none arrives in time.</exception>
    public async Task<T> TakeAsync<T>(string expected, Func<StreamItem, bool> isPassedOver, Deadline deadline)
        where T : StreamItem
    {
        var item = await LookAsync(expected, isPassedOver, deadline).ConfigureAwait(false);
        if (item is not T) throw Unexpected(expected, item);
        return (T)Take();
    }

    /// <summary>Waits for the next item, and skips some before it, without taking it.</summary>
    public async Task<StreamItem> LookAsync(string expected, Func<StreamItem, bool> isPassedOver, Deadline deadline)
    {
        // Checked also while items arrive: an endless series of events must not keep a call waiting for another item.
        while (deadline.Left is var left && left > TimeSpan.Zero)
        {
            if (Look(isPassedOver) is { } item) return item;
            await WaitAsync(left).ConfigureAwait(false);
        }

        var fault = subscription.Fault;
        var came = fault is null
            ? "it did not arrive"
            : $"it did not arrive, and the last attempt had no answer: {Failure.Describe(fault)}";
        throw Failure.Of($"{expected} within {Failure.Show(deadline.Span)}", came, subscription.Transcript, options.Time, fault);
    }

    /// <summary>Waits for <paramref name="span"/>, or until an item arrives that is not skipped; null if none arrived.</summary>
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

    /// <summary>Takes the current item.</summary>
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
            // The caller checks the deadline.
        }
    }
}
