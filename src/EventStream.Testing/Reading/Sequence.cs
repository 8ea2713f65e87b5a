namespace EventStream.Testing.Reading;

/// <summary>Finds the first error in numbers that should be consecutive.</summary>
internal static class Sequence
{
    /// <summary>The first error, as a clause after "but"; null if there is none.</summary>
    public static string? FirstOffence(IReadOnlyList<long> numbers, long? first, long? last)
    {
        if (numbers.Count == 0) return "there is none";
        var seen = new Dictionary<long, int>();
        for (var i = 0; i < numbers.Count; i++)
        {
            var number = numbers[i];
            if (seen.TryGetValue(number, out var earlier))
            {
                return $"{number} came twice, as the {Ordinal(earlier)} and the {Ordinal(i)} message";
            }

            var due = i > 0 ? numbers[i - 1] + 1 : first ?? number;
            if (number != due) return (i == 0 ? "first" : $"after {numbers[i - 1]}") + $" came {number}: {WhatOf(due, number, numbers, i)}";
            seen.Add(number, i);
        }

        return last is { } end && numbers[^1] != end ? $"{numbers[^1]} was the last: {Range(numbers[^1] + 1, end)}" : null;
    }

    private static string WhatOf(long due, long number, IReadOnlyList<long> numbers, int index)
    {
        if (number < due) return $"out of order, as the {Ordinal(index)} message";
        for (var later = index + 1; later < numbers.Count; later++)
        {
            if (numbers[later] == due) return $"{due} came later, as the {Ordinal(later)} message";
        }

        return Range(due, number - 1);
    }

    private static string Range(long from, long to) =>
        to < from ? $"{to} was to be it" : from == to ? $"{from} is missing" : $"{from} to {to} are missing";

    private static string Ordinal(int index)
    {
        var place = index + 1;
        var suffix = (place % 100) is >= 11 and <= 13 ? "th" : (place % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return $"{place}{suffix}";
    }
}
