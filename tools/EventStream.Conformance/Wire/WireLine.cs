using System.Text;

namespace EventStream.Conformance.Wire;

/// <summary>One line of an event stream.</summary>
/// <param name="Bytes">All but its end.</param>
/// <param name="End">What ended it.</param>
internal sealed record WireLine(byte[] Bytes, LineEnd End)
{
    /// <summary>As UTF-8, with U+FFFD where it is not.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    public bool IsBlank => Bytes.Length == 0;

    public bool IsComment => Bytes is [(byte)':', ..];
}
