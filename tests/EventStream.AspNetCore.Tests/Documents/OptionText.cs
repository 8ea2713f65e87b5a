using System.Collections;
using System.Globalization;
using System.Reflection;
using EventStream.PostgreSql;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>How the page about options writes types, defaults and the limits of ranges.</summary>
internal static class OptionText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(string)] = "string",
    };

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("day", TimeSpan.FromDays(1)),
        ("hour", TimeSpan.FromHours(1)),
        ("min", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>The declared type, such as <c>Func&lt;string, string?&gt;?</c>.</summary>
    public static string TypeOf(PropertyInfo option) => TypeOf(new NullabilityInfoContext().Create(option));

    public static string Of(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => text,
        TimeSpan time => Of(time),
        int or long => ((IFormattable)value).ToString("N0", CultureInfo.InvariantCulture),
        Enum or HttpMethod => value.ToString()!,
        TimeProvider clock when clock == TimeProvider.System => "TimeProvider.System",
        EventStreamKeepAlive keepAlive when keepAlive == EventStreamKeepAlive.Comment => "Comment",
        EventStreamNotice<EventStreamGap> gap => gap.Event!,
        EventStreamNotice<EventStreamBoundary> end => end.Event!,
        PostgreSqlRetention retention when retention == new PostgreSqlRetention() => "its defaults",
        IEnumerable entries when !entries.Cast<object>().Any() => "empty",
        _ => throw new NotSupportedException($"Say here how the page writes the default {value} of type {value.GetType()}."),
    };

    /// <summary>A limit of a range, read as a value of an option's type.</summary>
    public static IComparable Read(string limit, Type type)
    {
        var words = limit.Split(' ');
        var number = long.Parse(words[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        if (type == typeof(int)) return (int)number;
        if (type == typeof(long)) return number;
        return words is ["0"] ? TimeSpan.Zero : number * Units.Single(unit => unit.Unit == words[1] || unit.Unit + "s" == words[1]).Length;
    }

    private static string Of(TimeSpan time)
    {
        if (time == TimeSpan.Zero) return "0";
        var (unit, length) = Units.First(unit => time.Ticks % unit.Length.Ticks == 0);
        var count = time.Ticks / length.Ticks;
        return $"{count} {unit}{(count > 1 && unit is "day" or "hour" ? "s" : "")}";
    }

    private static string TypeOf(NullabilityInfo type)
    {
        if (Nullable.GetUnderlyingType(type.Type) is { } value) return $"{NameOf(value)}?";
        var name = type.GenericTypeArguments is { Length: > 0 } arguments
            ? $"{NameOf(type.Type)}<{string.Join(", ", arguments.Select(TypeOf))}>"
            : NameOf(type.Type);
        return type is { Type.IsValueType: false, ReadState: NullabilityState.Nullable } ? $"{name}?" : name;
    }

    private static string NameOf(Type type) => Keywords.GetValueOrDefault(type) ?? type.Name.Split('`')[0];
}
