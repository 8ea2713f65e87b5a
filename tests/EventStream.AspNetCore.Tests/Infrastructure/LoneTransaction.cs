using System.Data;
using System.Data.Common;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A transaction of no database.</summary>
internal sealed class LoneTransaction : DbTransaction
{
    public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

    protected override DbConnection? DbConnection => null;

    public override void Commit()
    {
    }

    public override void Rollback()
    {
    }
}
