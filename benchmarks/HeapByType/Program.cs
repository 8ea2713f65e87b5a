// Prints the objects on the heap of a running process by type: count, bytes, and both for each stream.
//   HeapByType PID STREAMS [LEAST]   types with at least LEAST bytes a stream; 4
// Ask the server for GET /memory first, which collects its garbage. The process stands still meanwhile.
using System.Globalization;
using Microsoft.Diagnostics.Runtime;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var pid = int.Parse(args[0]);
var streams = double.Parse(args[1]);
var least = args.Length > 2 ? double.Parse(args[2]) : 4;

using var target = DataTarget.AttachToProcess(pid, suspend: true);
var clr = target.ClrVersions[0];

// The library of the runtime that the process runs, which may have no version that can be compared.
var access = Path.Combine(Path.GetDirectoryName(clr.ModuleInfo.FileName)!, "libmscordaccore.so");
using var runtime = clr.CreateRuntime(access, ignoreMismatch: true);
Dictionary<string, (long Count, ulong Bytes)> types = [];
foreach (var found in runtime.Heap.EnumerateObjects())
{
    if (found.IsFree || found.Type is not { } type) continue;
    var (count, bytes) = types.GetValueOrDefault(type.Name ?? "");
    types[type.Name ?? ""] = (count + 1, bytes + found.Size);
}

Console.WriteLine("  bytes/stream  objects/stream         count  type");
foreach (var (name, (count, bytes)) in types.OrderByDescending(type => type.Value.Bytes))
{
    if (bytes >= least * streams) Console.WriteLine($"{bytes / streams,14:F1}{count / streams,16:F2}{count,14}  {name}");
}

Console.WriteLine($"{types.Values.Sum(type => (double)type.Bytes) / streams,14:F1}{"",30}  all");
