using System.Text.Json;

namespace EventStream.AspNetCore.Wire;

/// <summary>Gets the writer options that the serialiser itself would use.</summary>
internal static class JsonWriting
{
    private const int DefaultMaxDepth = 64;

    extension(JsonSerializerOptions options)
    {
        public JsonWriterOptions ToWriterOptions() => new()
        {
            Encoder = options.Encoder,
            Indented = options.WriteIndented,
            IndentCharacter = options.IndentCharacter,
            IndentSize = options.IndentSize,
            MaxDepth = options.MaxDepth == 0 ? DefaultMaxDepth : options.MaxDepth,
            NewLine = options.NewLine,
            SkipValidation = true,
        };
    }
}
