namespace EventStream.Conformance.Wire;

/// <summary>From lines to blocks (WHATWG HTML, 9.2.6).</summary>
internal sealed class BlockAssembly
{
    private readonly List<string> _data = [];
    private int _length;
    private string? _id;
    private string _type = "";
    private bool _hasComment;

    /// <summary>Whether a block has begun that no blank line has ended: a client would drop it.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Takes one line.</summary>
    /// <returns>The block that it ends; null where it ends none.</returns>
    /// <exception cref="TooLongException">The data of the block is longer than <see cref="StreamBounds.Longest"/>.</exception>
    public Block? Add(WireLine line)
    {
        if (line.End == LineEnd.Nothing)
        {
            HasBegun = true;
            return null;
        }

        if (!line.IsBlank)
        {
            AddField(line);
            return null;
        }

        var block = new Block(_id, _type.Length == 0 ? "message" : _type, _data.Count == 0 ? null : string.Join('\n', _data), _hasComment);
        _data.Clear();
        (_id, _type, _length, _hasComment, HasBegun) = (null, "", 0, false, false);
        return block;
    }

    private void AddField(WireLine line)
    {
        var (name, value) = Field.Of(line);
        if (line.IsComment) _hasComment = true;
        if (name == "data") AddData(value);
        if (name == "event") _type = value;
        if (name == "id" && !value.Contains('\0', StringComparison.Ordinal)) _id = value;

        // Comments and retry take effect line by line, so nothing of them is lost without a blank line.
        HasBegun |= name is "data" or "event" or "id";
    }

    private void AddData(string value)
    {
        // One more for the LF that joins it: lines without a value have a length too.
        _length += value.Length + 1;
        if (_length > StreamBounds.Longest) throw new TooLongException($"a message of more than {StreamBounds.Longest >> 20} MiB");
        _data.Add(value);
    }
}
