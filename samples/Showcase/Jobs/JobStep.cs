namespace Showcase.Jobs;

internal sealed record JobStep(int Number, int Total, string Text);
