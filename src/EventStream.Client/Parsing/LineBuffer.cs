namespace EventStream.Client.Parsing;

/// <summary>The bytes that were read and not yet parsed, and the lines in them.</summary>
/// <remarks>
/// Used by the parser alone. A line ends with CR, LF or CRLF, also where a read ends between CR and LF (HTML, section 9.2.5).
/// </remarks>
internal struct LineBuffer(int longestLine) : IDisposable
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const int FirstSize = 4 * 1024;
    private const int UsualSize = 64 * 1024;

    private byte[] _bytes = LineArrays.Rent(FirstSize);
    private int _pin = -1;
    private int _line;
    private int _searched;
    private int _end;
    private bool _isAfterCarriageReturn;
    private bool _isDropped;
    private bool _wasFilled;

    /// <summary>The bytes that were read and belong to no complete line yet.</summary>
    public readonly ReadOnlySpan<byte> Unfinished => _bytes.AsSpan(_line, _end - _line);

    /// <summary>Whether a line has begun whose end has not been read.</summary>
    public readonly bool IsInsideLine => _isDropped || _line < _end;

    /// <summary>Whether there is little room left.</summary>
    public readonly bool IsNearlyFull => _bytes.Length - _end < _bytes.Length / 4;

    /// <summary>The bytes of this buffer from the pin on.</summary>
    public readonly ReadOnlySpan<byte> FromPin(int length) => _bytes.AsSpan(_pin, length);

    public readonly ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>Keeps the bytes from here on while more are read.</summary>
    public void Pin(int start) => _pin = start;

    public void Unpin() => _pin = -1;

    /// <summary>Skips the first bytes of the line.</summary>
    public void Skip(int count) => _line = _searched = _line + count;

    /// <summary>Skips the rest of the line, of any length, without keeping it in memory.</summary>
    public void DropLine()
    {
        _isDropped = true;
        Skip(_end - _line);
    }

    /// <summary>Takes the next whole line, without its end.</summary>
    public bool TryReadLine(out int start, out int length)
    {
        if (_isAfterCarriageReturn && _line < _end)
        {
            _isAfterCarriageReturn = false;
            if (_bytes[_line] == LineFeed) Skip(1);
        }

        var rest = _bytes.AsSpan(_searched, _end - _searched);
        // Half of all lines are blank, and a search costs more than this comparison (Parsing benchmark).
        var index = !rest.IsEmpty && rest[0] == LineFeed ? 0 : rest.IndexOfAny(CarriageReturn, LineFeed);
        if (index < 0)
        {
            _searched = _end;
            if (_isDropped) Skip(_end - _line);
            (start, length) = (0, 0);
            return false;
        }

        _isAfterCarriageReturn = rest[index] == CarriageReturn;
        (start, length) = (_line, _searched + index - _line);
        _line = _searched += index + 1;
        if (!_isDropped) return true;
        _isDropped = false;
        return TryReadLine(out start, out length);
    }

    /// <summary>Room for the next read; at least one byte.</summary>
    /// <exception cref="EventStreamClientException">The line is too long.</exception>
    public Memory<byte> GetMemory()
    {
        var kept = _pin < 0 ? _line : _pin;
        if (kept == _end) StartAgain();
        else if (_bytes.Length > UsualSize && _end - kept < UsualSize / 2) Exchange(UsualSize, kept);
        else if (IsNearlyFull) MakeRoom(kept);
        return _bytes.AsMemory(_end);
    }

    public void Advance(int count)
    {
        _end += count;
        _wasFilled = _end == _bytes.Length;
    }

    public void Dispose()
    {
        LineArrays.Return(_bytes);
        _bytes = [];
    }

    // The buffer is empty: a quiet stream keeps a small one, and a stream whose reads fill the buffer gets a larger one.
    private void StartAgain()
    {
        if (_bytes.Length > UsualSize) Exchange(UsualSize, _end);
        else if (_wasFilled && _bytes.Length < UsualSize) Exchange(_bytes.Length * 2, _end);
        else Move(_end);
    }

    private void MakeRoom(int kept)
    {
        if (_end - _line > longestLine)
        {
            throw new EventStreamClientException(
                $"A line of the stream is longer than {longestLine} bytes. "
                + $"If such events are expected, raise {nameof(EventStreamClientOptions.MaxEventBytes)}.");
        }

        if (kept > _bytes.Length / 2)
        {
            _bytes.AsSpan(kept, _end - kept).CopyTo(_bytes);
            Move(kept);
        }
        else
        {
            Exchange(_bytes.Length * 2, kept);
        }
    }

    private void Exchange(int size, int kept)
    {
        var larger = LineArrays.Rent(size);
        _bytes.AsSpan(kept, _end - kept).CopyTo(larger);
        LineArrays.Return(_bytes);
        _bytes = larger;
        Move(kept);
    }

    private void Move(int by)
    {
        if (_pin >= 0) _pin -= by;
        _line -= by;
        _searched -= by;
        _end -= by;
    }
}
