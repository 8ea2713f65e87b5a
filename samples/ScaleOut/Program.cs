using EventStream.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ScaleOut;
using ScaleOut.Nodes;
using ScaleOut.Numbers;
using ScaleOut.Orders;

// One of the nodes. They share nothing but the database; `run` starts three of them.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var database = builder.Configuration.GetConnectionString("Database")!;

builder.Services
    .AddEventStreams(options =>
    {
        options.LastEventIdQueryParameter = "lastEventId";
        // Short, because here a browser that has lost its node is what one wants to see.
        options.Retry = options.DrainRetry = TimeSpan.FromMilliseconds(200);
    })
    .AddPostgreSql()
    .AddChannel("numbers")
    .AddChannel("orders", channel => channel.Start = EventStreamStart.Last(5))
    .AddChannel("nodes", channel => (channel.LatestByKey, channel.Start) = (true, EventStreamStart.Oldest));

builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
builder.Services.AddDbContext<Shop>((services, options) => options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
builder.Services.AddSingleton(new Node(builder.Configuration["Node"] ?? "a"));
builder.Services.AddHostedService<Tables>();
builder.Services.AddHostedService<NumberPublisher>();
builder.Services.AddHostedService<NodeReport>();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapNode();
app.MapOrders();
app.Run();
