namespace EventStream.Conformance.Wire;

/// <summary>What ended a line (WHATWG HTML, 9.2.5).</summary>
internal enum LineEnd
{
    Lf,

    /// <summary>CR, or CR and LF: the two are told apart only by the next byte, which may never come.</summary>
    Cr,

    /// <summary>The end of the response: the line is not whole.</summary>
    Nothing,
}
