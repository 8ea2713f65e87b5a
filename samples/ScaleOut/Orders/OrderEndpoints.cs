using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using ScaleOut.Nodes;

namespace ScaleOut.Orders;

/// <summary>Two ways of placing an order that the pages see exactly if it was placed.</summary>
/// <remarks>The order's own transaction publishes the message.</remarks>
internal static class OrderEndpoints
{
    public static void MapOrders(this IEndpointRouteBuilder app)
    {
        app.MapPost("/orders", PlaceAsync);
        app.MapPost("/orders/entity-framework", PlaceWithEntityFrameworkAsync);
    }

    private static async Task<Answer> PlaceAsync(
        string item, bool commit, NpgsqlDataSource database, IEventStreamPublisher streams, Node node)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand("INSERT INTO orders (item, node) VALUES ($1, $2) RETURNING id", connection, transaction)
        {
            Parameters = { new() { Value = item }, new() { Value = node.Name } },
        };
        var order = new Order { Id = (long)(await insert.ExecuteScalarAsync())!, Item = item, Node = node.Name };
        await streams.PublishAsync("orders", order, transaction, eventName: "order");
        if (commit) await transaction.CommitAsync();
        return new(order.Id, node.Name, commit);
    }

    private static async Task<Answer> PlaceWithEntityFrameworkAsync(
        string item, bool commit, Shop shop, IEventStreamPublisher streams, Node node)
    {
        await using var transaction = await shop.Database.BeginTransactionAsync();
        var order = new Order { Item = item, Node = node.Name };
        shop.Orders.Add(order);
        await shop.SaveChangesAsync();
        await streams.PublishAsync("orders", order, transaction.GetDbTransaction(), eventName: "order");
        if (commit) await transaction.CommitAsync();
        return new(order.Id, node.Name, commit);
    }

    private sealed record Answer(long Order, string Node, bool Committed);
}
