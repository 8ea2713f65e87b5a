using Chat;
using Chat.Conversations;
using Chat.Model;
using Chat.Nodes;
using EventStream.PostgreSql;
using Npgsql;

// One node, in memory. With a connection string it is one of several; `run-two-nodes` starts two.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var database = builder.Configuration.GetConnectionString("Database");

var streams = builder.Services.AddEventStreams()
    .AddChannel("chats/{id}/answer", channel => channel.Capacity = 16_384)
    .AddChannel("chats/{id}/questions", channel => channel.CreateOnSubscribe = true);

if (database is null)
{
    builder.Services.AddSingleton<IConversationStore, MemoryConversations>();
}
else
{
    streams.AddPostgreSql();
    builder.Services.AddSingleton(NpgsqlDataSource.Create(database));
    builder.Services.AddSingleton<DatabaseConversations>();
    builder.Services.AddSingleton<IConversationStore>(services => services.GetRequiredService<DatabaseConversations>());
    builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseConversations>());
}

builder.Services.AddSingleton(new Node(builder.Configuration["Node"] ?? "a", IsAlone: database is null));
builder.Services.AddSingleton<Pace>();
builder.Services.AddSingleton<IChatClient, FakeModel>();
builder.Services.AddSingleton<Answerer>();

var app = builder.Build();
app.UseNodeHeader();
app.UseContentSecurityPolicy();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapAnswers();
app.MapConversations();
if (database is not null) app.MapKill();
app.Run();
