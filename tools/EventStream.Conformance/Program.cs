using EventStream.Conformance;

return await Tool.RunAsync(args, Console.Out, Console.Error);
