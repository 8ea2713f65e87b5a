namespace EventStream.Conformance.Wire;

/// <summary>What ended a line (WHATWG HTML, 9.2.5).</summary>
internal enum LineEnd
{
    Lf,

    /// <summary>CR, or CR and LF: only the next byte shows which, and it may never arrive.</summary>
    Cr,

    /// <summary>The end of the response: the line is not whole.</summary>
    Nothing,
}
