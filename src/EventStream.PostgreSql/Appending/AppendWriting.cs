using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Appending;

/// <summary>The statements that carry a plan out.</summary>
internal static class AppendWriting
{
    public static void Add(this NpgsqlBatch batch, AppendPlan plan, LogSql sql)
    {
        ChannelState[] channels = [.. plan.Changed];
        if (channels.Length == 0) return;
        var changedAt = channels.Max(channel => channel.ChangedAt);
        if (plan.Replaced.Count > 0) AddReplaced(batch, [.. plan.Replaced], sql);
        AddMessages(batch, [.. plan.Messages], changedAt, sql);
        batch.Add(sql.Channels.Update)
            .With(Array.ConvertAll(channels, channel => channel.Id))
            .With(Array.ConvertAll(channels, channel => channel.Newest))
            .With(Array.ConvertAll(channels, channel => channel.Total))
            .With(Array.ConvertAll(channels, channel => channel.IsComplete))
            .With(changedAt);
        batch.Add(sql.Notifications.Notify).With(HintText.Write(channels));
    }

    private static void AddReplaced(NpgsqlBatch batch, MessageKey[] replaced, LogSql sql) => batch.Add(sql.Messages.DeleteReplaced)
        .With(Array.ConvertAll(replaced, key => key.Channel))
        .With(Array.ConvertAll(replaced, key => key.Key))
        .With(Array.ConvertAll(replaced, key => key.User));

    private static void AddMessages(NpgsqlBatch batch, PlannedMessage[] messages, DateTime notBefore, LogSql sql)
    {
        if (messages.Length == 0) return;
        batch.Add(sql.Messages.Insert)
            .With(Array.ConvertAll(messages, message => message.Channel))
            .With(Array.ConvertAll(messages, message => message.Sequence))
            .With(Array.ConvertAll(messages, message => message.Record.Frame.Length))
            .With(Array.ConvertAll(messages, message => message.Total))
            .With(Array.ConvertAll(messages, message => message.Record.Event))
            .With(Array.ConvertAll(messages, message => message.Record.Metadata?.Key))
            .With(Array.ConvertAll(messages, message => message.Record.Metadata?.User))
            .With(Array.ConvertAll(messages, message => message.Record.Metadata?.Sender))
            .With(Array.ConvertAll(messages, message => (string?)message.Record.Metadata?.Tag))
            .With(Array.ConvertAll(messages, message => message.Record.Metadata?.IdempotencyKey))
            .With(Array.ConvertAll(messages, message => message.Record.Frame))
            .With(notBefore);
    }
}
