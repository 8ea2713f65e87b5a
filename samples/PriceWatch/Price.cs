using System.Text.Json.Serialization;

namespace PriceWatch;

/// <summary>One price, as the showcase publishes it; the numbers have no holes.</summary>
internal sealed record Price(long Number, string Symbol, double Value);

/// <summary>How a price is read, worked out by the compiler: nothing is left to reflection, which a trimmed program has not.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Price))]
internal sealed partial class PriceJson : JsonSerializerContext;
