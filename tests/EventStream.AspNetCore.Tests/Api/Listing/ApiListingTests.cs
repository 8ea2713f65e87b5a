namespace EventStream.AspNetCore.Tests.Api.Listing;

public sealed class ApiListingTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(typeof(Sequence<>), """
        public abstract class Sequence<T> : List<T>, IDisposable where T : class, new()
            public const int Most = 3
            public static readonly string? Title
            protected Sequence(string name = "a", bool loud = true)
            public int? this[T? key] { get; }
            public T? Last { get; protected set; }
            protected string?[]? Names { get; }
            public event Action<string?>? Grown
            public abstract Task<T?> AddAsync(T item, CancellationToken cancellationToken = default)
            public void Dispose()
            public virtual bool TryTake(in int from, ref int to, out T? item)

        """)]
    [InlineData(typeof(Point), """
        public readonly record struct Point : IEquatable<Point>
            public Point(int X, int? Y)
            public int X { get; init; }
            public int? Y { get; init; }
            public static explicit operator int(Point point)

        """)]
    [InlineData(typeof(Callback<>), """
        public delegate TResult? Callback<TResult>(params string?[] words) where TResult : struct

        """)]
    [InlineData(typeof(Colour), """
        public enum Colour : byte
            Red = 1
            Green = 2

        """)]
    [InlineData(typeof(ISeam), """
        public interface ISeam : IDisposable
            string? Name { get; set; }
            Task RunAsync()

        """)]
    [InlineData(typeof(SampleExtensions), """
        public static class SampleExtensions
            public static int Older(this string text)
            extension(Point)
                [OverloadResolutionPriority(2)] public static Point At<T>(T? x, Dictionary<string, List<T?>> all)

        """)]
    [InlineData(typeof(SampleTextExtensions), """
        public static class SampleTextExtensions
            extension(string? text)
                public bool Has(char letter)

        """)]
    public void Of_Type_ReadsAsItWasWritten(Type type, string expected) => ApiListing.Of(type).Should().Be(expected);
}
