using Microsoft.EntityFrameworkCore;

namespace ScaleOut.Orders;

/// <summary>The orders, for Entity Framework.</summary>
internal sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>(order =>
    {
        order.ToTable("orders");
        order.Property(order => order.Id).HasColumnName("id");
        order.Property(order => order.Item).HasColumnName("item");
        order.Property(order => order.Node).HasColumnName("node");
    });
}
