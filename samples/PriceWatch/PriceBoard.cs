namespace PriceWatch;

/// <summary>The output: a table of the last prices that stays in its place, and the state of the connection below it.</summary>
/// <remarks>In a file or a pipe it is a line for each price.</remarks>
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

    // As wide as the window. A shorter line would leave the end of the previous text, and a longer one would push the table out of its
    // place.
    private static void WriteLine(string line)
    {
        var width = Console.WindowWidth > 1 ? Console.WindowWidth - 1 : UnknownWidth;
        Console.WriteLine(line.Length > width ? line[..width] : line.PadRight(width));
    }
}
