using Microsoft.AspNetCore.Authorization;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A right that policies require, by its name.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PermissionAttribute(string name) : Attribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    public string Name => name;

    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>The rights of all users. A test takes them away, and decides how long it takes to ask for one.</summary>
public sealed class Permissions
{
    private int _asked;
    private volatile string? _taken;

    /// <summary>The name of the right that no user has any more; null while they have all.</summary>
    public string? Taken
    {
        get => _taken;
        set => _taken = value;
    }

    /// <summary>Runs before each answer.</summary>
    public Func<AuthorizationHandlerContext, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>How often a policy has asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async Task<bool> AllowAsync(AuthorizationHandlerContext context, string name)
    {
        Interlocked.Increment(ref _asked);
        await Before(context);
        return Taken != name;
    }
}

/// <summary>A service of one scope, which knows whether the scope has ended.</summary>
public sealed class ScopeMark : IAsyncDisposable
{
    public bool IsDisposed { get; private set; }

    /// <summary>What its disposal waits for.</summary>
    public Task Disposal { get; set; } = Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return new(Disposal);
    }
}

/// <summary>Answers by <see cref="Permissions"/>. It is made for each scope, as a handler with a database context is.</summary>
public sealed class PermissionHandler(Permissions permissions) : AuthorizationHandler<PermissionAttribute>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionAttribute requirement)
    {
        if (await permissions.AllowAsync(context, requirement.Name)) context.Succeed(requirement);
    }
}
