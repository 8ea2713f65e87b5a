using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The compiler's notes on which references in a type may be null: one flag for each, outermost first.</summary>
/// <remarks>The framework's own reader, <c>NullabilityInfoContext</c>, cannot tell <c>T</c> from <c>T?</c>.</remarks>
internal sealed class Nullability
{
    private const byte MayBeNull = 2;

    private readonly byte[] _flags;
    private int _next;

    private Nullability(byte[] flags) => _flags = flags;

    /// <summary>The notes on <paramref name="annotated"/>, or on all of the members around it.</summary>
    public static Nullability Of(ICustomAttributeProvider annotated, MemberInfo? around)
    {
        var own = annotated.GetCustomAttributes(typeof(NullableAttribute), inherit: false).Cast<NullableAttribute>().FirstOrDefault();
        return new(own?.NullableFlags ?? [ContextOf(around)]);
    }

    /// <summary>Takes the flag of the next reference, in the order in which the type is written.</summary>
    public bool NextMayBeNull()
    {
        var flag = _flags.Length == 1 ? _flags[0] : _flags[_next];
        _next++;
        return flag == MayBeNull;
    }

    private static byte ContextOf(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (member.GetCustomAttribute<NullableContextAttribute>(inherit: false) is { } context) return context.Flag;
        }

        return 0;
    }
}
