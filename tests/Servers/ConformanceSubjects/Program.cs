using ConformanceSubjects;

WebApplication app = args switch
{
    ["eventstream", var url] => EventStreamSubject.Build(url),
    ["built-in", var url] => BuiltInSubject.Build(url),
    _ => throw new ArgumentException("Give eventstream or built-in, and the address to listen at."),
};

await app.RunAsync();
