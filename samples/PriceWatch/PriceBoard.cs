namespace PriceWatch;

/// <summary>
/// What the user sees: a table of the last prices that stays in its place, with what happened to the connection below it, or a line for
/// each in a file or a pipe.
/// </summary>
internal sealed class PriceBoard
{
    // A terminal that says nothing of its size, such as a recorder's.
    private const int UnknownWidth = 79;

    private readonly SortedDictionary<string, string> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _values = [];
    private readonly bool _isTable = !Console.IsOutputRedirected;
    private string _told = "";

    public PriceBoard()
    {
        if (_isTable) Console.Clear();
    }

    /// <summary>Shows a price.</summary>
    public void Show(Price price)
    {
        var change = price.Value - _values.GetValueOrDefault(price.Symbol, price.Value);
        _values[price.Symbol] = price.Value;
        _rows[price.Symbol] = $"{price.Symbol,-5} {price.Value,8:0.00} {change,7:+0.00;-0.00;0.00} {price.Number,9}";
        if (_isTable) Draw();
        else Console.WriteLine($"{price.Number} {price.Symbol} {price.Value:0.00}");
    }

    /// <summary>Says what happened.</summary>
    public void Tell(string what)
    {
        _told = $"{DateTime.Now:HH:mm:ss} {what}";
        if (_isTable) Draw();
        else Console.WriteLine($"-- {what}");
    }

    private void Draw()
    {
        Console.SetCursorPosition(0, 0);
        WriteLine("STOCK    PRICE  CHANGE    NUMBER");
        foreach (var row in _rows.Values) WriteLine(row);
        WriteLine("");
        WriteLine(_told);
    }

    // As wide as the window: a shorter line would leave the end of what stood there, a longer one would push the table out of its place.
    private static void WriteLine(string line)
    {
        var width = Console.WindowWidth > 1 ? Console.WindowWidth - 1 : UnknownWidth;
        Console.WriteLine(line.Length > width ? line[..width] : line.PadRight(width));
    }
}
