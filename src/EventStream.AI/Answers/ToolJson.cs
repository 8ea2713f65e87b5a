using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AI.Answers;

/// <summary>Arguments and results of tools as JSON.</summary>
internal static class ToolJson
{
    private static readonly JsonElement Null = JsonElement.Parse("null");
    private static readonly JsonElement NoArguments = JsonElement.Parse("{}");

    extension(JsonSerializerOptions options)
    {
        public JsonElement ArgumentsOf(FunctionCallContent call) => call.Arguments is { } arguments
            ? JsonSerializer.SerializeToElement(arguments, options.ContractOf<IDictionary<string, object?>>())
            : NoArguments;

        public string ArgumentsTextOf(FunctionCallContent call) => Compact(options.ArgumentsOf(call));

        public JsonElement ResultOf(FunctionResultContent result) => result.Result switch
        {
            null => Null,
            JsonElement json => json,
            var value => JsonSerializer.SerializeToElement(value, options.GetTypeInfo(value.GetType())),
        };

        /// <summary>The result as text: as it is if it is text, or else its JSON.</summary>
        public string ResultTextOf(FunctionResultContent result)
        {
            var json = options.ResultOf(result);
            return json.ValueKind == JsonValueKind.String ? json.GetString()! : Compact(json);
        }

        private JsonTypeInfo<T> ContractOf<T>() => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    // The text of an element is as its options wrote it, and those of Microsoft.Extensions.AI indent.
    private static string Compact(JsonElement json)
    {
        ArrayBufferWriter<byte> utf8 = new();
        using Utf8JsonWriter writer = new(utf8, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteTo(writer);
        writer.Flush();
        return Encoding.UTF8.GetString(utf8.WrittenSpan);
    }
}
