namespace EventStream.Documents.Tests.Pages;

/// <summary>A block as a page of its own, in a folder that a server has as its root.</summary>
internal static class BrowserPage
{
    /// <summary>How a page finds the packages that a user's bundler would find.</summary>
    public const string ImportMap = """
        <script type="importmap">
        { "imports": {
          "eventsource": "/lib/eventsource/index.js",
          "eventsource-parser": "/lib/eventsource-parser/index.js",
          "eventsource-parser/stream": "/lib/eventsource-parser/stream.js",
          "eventsource-client": "/lib/eventsource-client/default.esm.js",
          "@microsoft/fetch-event-source": "/lib/fetch-event-source/index.js",
          "/lib/fetch-event-source/fetch": "/lib/fetch-event-source/fetch.js",
          "/lib/fetch-event-source/parse": "/lib/fetch-event-source/parse.js",
          "sse.js": "/lib/sse.js/sse.js"
        } }
        </script>
        """;

    // What a fragment of a page has in reach: whatever it draws is shown as text.
    private const string Given = """
        <script>
        const show = what => document.body.append(typeof what === "string" ? what : JSON.stringify(what), " ");
        const [draw, warn, ship, text] = [show, show, show, { append: word => document.body.append(word) }];
        </script>
        """;

    /// <summary>Writes <c>wwwroot</c>: the page, and the scripts of other projects.</summary>
    public static void Write(BrowserBlock block, string folder)
    {
        var root = Path.Combine(folder, "wwwroot");
        CopyScripts(Path.Combine(root, "lib"));
        File.WriteAllText(Path.Combine(root, "index.html"), Html(block));
    }

    public static void CopyScripts(string folder)
    {
        string[] sources =
        [
            Repository.PathOf("samples", "Showcase", "wwwroot", "lib"),
            Repository.PathOf("tests", "EventStream.Documents.Tests", "lib"),
        ];
        foreach (var source in sources)
        {
            foreach (var file in Directory.EnumerateFiles(source, "*.js", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }
    }

    private static string Html(BrowserBlock block) => block switch
    {
        { IsScript: true } =>
            $"<!doctype html>\n<meta charset=\"utf-8\">\n{ImportMap}\n{Given}\n"
            + $"<body><script type=\"module\">\n{block.Code}\n</script></body>",
        _ when block.Code.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) => block.Code,
        _ => $"<!doctype html>\n<meta charset=\"utf-8\">\n<body>\n{block.Code}\n</body>",
    };
}
