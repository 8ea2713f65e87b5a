using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Finds the data source among the app's services.</summary>
internal static class AppDataSource
{
    /// <param name="services">The app's services.</param>
    /// <param name="serviceKey">The key of a keyed service; null for the one without a key.</param>
    /// <exception cref="InvalidOperationException">There is none; the message says how to add one.</exception>
    public static NpgsqlDataSource Find(IServiceProvider services, object? serviceKey)
    {
        var source = serviceKey is null ? services.GetService<NpgsqlDataSource>() : services.GetKeyedService<NpgsqlDataSource>(serviceKey);
        if (source is not null) return source;
        var missing = serviceKey is null ? "there is none" : $"there is none with the key '{serviceKey}'";
        throw new InvalidOperationException(
            $"AddPostgreSql uses the NpgsqlDataSource of the app's services, and {missing}. Add one: AddNpgsqlDataSource of Npgsql or "
            + "Aspire, or builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString)). "
            + "Or give AddPostgreSql a connection string.");
    }
}
