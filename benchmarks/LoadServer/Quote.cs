internal sealed record Quote(string Symbol, decimal Price, int Volume, DateTimeOffset At);
