using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>Rents arrays for frames, of which only the smaller ones are pooled.</summary>
/// <remarks>The shared pool keeps arrays of up to a gigabyte for minutes. So large arrays are left to the garbage collector.</remarks>
internal static class FrameArrays
{
    public const int LargestPooled = 256 * 1024;

    /// <summary>Gets an array of at least <paramref name="size"/> bytes, whose content is undefined.</summary>
    public static byte[] Rent(int size) =>
        size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Returns an array of <see cref="Rent"/>.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= LargestPooled) ArrayPool<byte>.Shared.Return(array);
    }
}
