using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

public delegate TResult? Callback<TResult>(params string?[] words)
    where TResult : struct;

public enum Colour : byte
{
    Red = 1,
    Green = 2,
}

public interface ISeam : IDisposable
{
    string? Name { get; set; }

    Task RunAsync();
}

public readonly record struct Point(int X, int? Y)
{
    public static explicit operator int(Point point) => point.X;
}

/// <summary>One member of each kind; nothing here is ever called.</summary>
public abstract class Sequence<T>(string name = "a", bool loud = true) : List<T>, IDisposable
    where T : class, new()
{
    public const int Most = 3;

    public static readonly string? Title;

    public event Action<string?>? Grown;

    public T? Last { get; protected set; }

    protected string?[]? Names => loud ? [name] : null;

    public int? this[T? key] => key is null ? null : Most;

    public abstract Task<T?> AddAsync(T item, CancellationToken cancellationToken = default);

    public virtual bool TryTake(in int from, ref int to, out T? item)
    {
        item = Last;
        return from == to;
    }

    public void Dispose() => Grown?.Invoke(null);

    internal void Hidden() => Dispose();
}

public static class SampleExtensions
{
    extension(Point)
    {
        [OverloadResolutionPriority(2)]
        public static Point At<T>(T? x, Dictionary<string, List<T?>> all) => new(all.Count, x is null ? 0 : 1);
    }

    public static int Older(this string text) => text.Length;
}

public static class SampleTextExtensions
{
    extension(string? text)
    {
        public bool Has(char letter) => text?.Contains(letter) == true;
    }
}
