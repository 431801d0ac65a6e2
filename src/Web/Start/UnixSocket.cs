using System.Net.Sockets;
using Borderless.Web.Storage;

namespace Borderless.Web.Start;

/// <summary>The file of a Unix domain socket that is listened on.</summary>
internal static class UnixSocket
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Removes the socket of a server that is dead. Whatever else stands there stays.</summary>
    /// <returns>Why it is not possible to listen there, and what to do; None where it is.</returns>
    public static Option<string> MakeRoom(string path) => Fault(path, Posix.Unlink);

    /// <summary>Looks whether it is possible to listen there, and leaves the socket of a server that is dead to who will.</summary>
    public static Option<string> Probe(string path) =>
        Fault(path, _ => { }).Case is string fault
            ? fault
            : DataDirectory.CannotWrite(Path.GetDirectoryName(path)!).Map(problem => $"its directory {problem}");

    private static Option<string> Fault(string path, Action<string> leftOver)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            return "its directory does not exist; create one that the server may write to, and whoever connects may enter";
        }

        try
        {
            return Posix.KindOf(path).Match(
                None: () => None,
                Some: kind => kind == Posix.S_IFSOCK ? Answered(path, leftOver) : Some("something else is there than a socket; move it away, or set another path"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"what is there cannot be looked at or removed: {error.Message}";
        }
    }

    /// <summary>
    /// Lets everybody connect who may enter its directory, which is what governs access: the proxy in front runs as another user, and
    /// the process makes its files for its own user alone.
    /// </summary>
    public static void Open(string path) => File.SetUnixFileMode(path, Everybody);

    /// <summary>Only the kernel's word that nobody listens makes it a left-over.</summary>
    private static Option<string> Answered(string path, Action<string> leftOver)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
            return AnotherListens;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            leftOver(path);
            return None;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Its queue is full, so somebody has one.
            return AnotherListens;
        }
        catch (SocketException error)
        {
            return $"whether another process listens there cannot be told: {error.Message}; if none does, remove the socket";
        }
    }

    private const string AnotherListens = "another process listens there; stop it, or set another path";
}
