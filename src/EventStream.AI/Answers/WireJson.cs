using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventStream.AI.Answers;

/// <summary>The JSON options of the parts on the wire.</summary>
internal static class WireJson
{
    /// <summary>Copies the options of a generated context, so that text in any script is sent as it is.</summary>
    /// <remarks>The default encoder escapes all but ASCII, for JSON in HTML. That makes a Chinese answer twice as long.</remarks>
    public static JsonSerializerOptions Readable(JsonSerializerOptions generated) =>
        new(generated) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
