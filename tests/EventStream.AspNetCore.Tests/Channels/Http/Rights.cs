using System.Security.Claims;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>The rights of an app's only user, which a policy reads and then thinks about for as long as the test likes.</summary>
public sealed class Rights
{
    private readonly TaskCompletionSource _wasRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the user may subscribe.</summary>
    public bool AreGranted { get; set; } = true;

    /// <summary>Completes when a policy has read them.</summary>
    public Task WereRead => _wasRead.Task;

    /// <summary>Reads them, and answers when the test lets it.</summary>
    public async Task<bool> AskAsync()
    {
        var granted = AreGranted;
        _wasRead.TrySetResult();
        await _answer.Task;
        return granted;
    }

    /// <summary>Lets those that were asked answer, with what they have read.</summary>
    public void Answer() => _answer.TrySetResult();

    /// <summary>Adds them to an app, with the policy <c>granted</c>.</summary>
    public void AddTo(IServiceCollection services) => services
        .AddSingleton(this)
        .AddAuthorizationBuilder()
        .AddPolicy("granted", policy => policy.RequireClaim(ClaimTypes.NameIdentifier).RequireAssertion(_ => AskAsync()));
}
