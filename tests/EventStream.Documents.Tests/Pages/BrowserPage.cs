namespace EventStream.Documents.Tests.Pages;

/// <summary>A block as its own page, in a folder that a server has as its root.</summary>
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
        CopyScripts(root);
        File.WriteAllText(Path.Combine(root, "index.html"), Html(block));
    }

    /// <summary>Copies the scripts of other projects, and the module for browsers, to where pages look for them.</summary>
    public static void CopyScripts(string root)
    {
        var lib = Path.Combine(root, "lib");
        Copy(Repository.PathOf("samples", "Showcase", "wwwroot", "lib"), lib);
        Copy(Repository.PathOf("tests", "EventStream.Documents.Tests", "lib"), lib);
        Copy(Repository.PathOf("src", "EventStream.Browser", "wwwroot"), Path.Combine(root, "_content", "EventStream.Browser"));
    }

    private static void Copy(string source, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*.js", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
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
