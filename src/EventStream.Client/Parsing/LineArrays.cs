using System.Buffers;

namespace EventStream.Client.Parsing;

/// <summary>Rents arrays for lines; it pools only the smaller ones.</summary>
/// <remarks>The shared pool would keep arrays of up to a gigabyte for minutes, so a large array is left to the garbage collector.</remarks>
internal static class LineArrays
{
    private const int LargestPooled = 256 * 1024;

    /// <summary>Gets an array of at least <paramref name="size"/> bytes, whose content is undefined.</summary>
    public static byte[] Rent(int size) =>
        size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Returns an array of <see cref="Rent"/>; an empty one is ignored.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestPooled) ArrayPool<byte>.Shared.Return(array);
    }
}
