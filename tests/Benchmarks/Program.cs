using Borderless.Benchmarks;

if (args is ["page-size", var directory])
{
    await PageSize.Run(directory);
    return 0;
}

await Console.Error.WriteLineAsync("usage: page-size <directory on the disk to measure>");
return 2;
