using BenchmarkDotNet.Running;

// For example: dotnet run -c Release --project benchmarks/EventStream.Benchmarks -- --filter '*TextFrames*' --job short
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
