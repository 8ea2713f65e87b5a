namespace Chat.Model;

/// <summary>How fast the model writes: a word takes the configuration's <c>Chat:Pace</c>, or 90 ms.</summary>
internal class Pace(IConfiguration configuration)
{
    private readonly TimeSpan _word = configuration.GetValue("Chat:Pace", TimeSpan.FromMilliseconds(90));

    public virtual Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(_word, cancellationToken);
}
