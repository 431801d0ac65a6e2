using System.Net.Sockets;

namespace Borderless.Web.Start;

/// <summary>Why a server that was asked gave no answer, and what to do.</summary>
internal static class NoAnswer
{
    /// <summary>Something answers, as no server of ours does.</summary>
    public const string Stranger = $"what answers there is no borderless-web; {IsItRunning}";

    private const string IsItRunning = "is the server running with the same settings?";

    /// <summary>Tells why there was no connection to an address; None where that is not what failed.</summary>
    public static Func<Exception, Option<string>> At(ListenAddress listen) => error =>
        (error.GetBaseException() as SocketException)?.SocketErrorCode switch
        {
            // The framework's word for a path where nothing is.
            SocketError.AddressNotAvailable when listen is ListenAddress.UnixSocket unix => $"there is no socket at {unix.Path}; {IsItRunning}",
            SocketError.AccessDenied when listen is ListenAddress.UnixSocket unix =>
                $"this user may not connect to {unix.Path}; ask as one who may enter the socket's directory",
            SocketError.ConnectionRefused => $"nothing listens there; {IsItRunning}",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AddressNotAvailable =>
                $"there is no way to this address; {IsItRunning}",
            _ => None,
        };

    /// <summary>What to do where the server answers the other way than it was asked.</summary>
    /// <param name="tls">Whether it was asked by TLS.</param>
    public static string Otherwise(bool tls) => tls
        ? "it does not speak TLS; leave tls_cert out, or ask where the server with these settings listens"
        : "it speaks TLS; give health the server's tls_cert, or its file by --config";
}
