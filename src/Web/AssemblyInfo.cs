using System.Runtime.Versioning;

// Durability rests on Linux's system calls (Storage/Posix.cs).
[assembly: SupportedOSPlatform("linux")]
