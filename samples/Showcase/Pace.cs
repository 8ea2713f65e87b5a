namespace Showcase;

/// <summary>How fast the demos go: a beat is the configuration's <c>Showcase:Pace</c>, or one second.</summary>
internal class Pace(IConfiguration configuration)
{
    public TimeSpan Beat { get; } = configuration.GetValue("Showcase:Pace", TimeSpan.FromSeconds(1));

    public virtual Task WaitAsync(double beats, CancellationToken cancellation) => Task.Delay(Beat * beats, cancellation);
}
