namespace Borderless.Web.Tls;

/// <summary>The home directory that the framework insists on.</summary>
internal static class Home
{
    /// <summary>
    /// Whoever builds a chain, to serve TLS or to judge a server, looks for more certificates in the user's home, and throws where there is
    /// none: a user of a container that no file knows has none. In one that does not exist there is nothing to find.
    /// </summary>
    public static void Have()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOME")))
        {
            Environment.SetEnvironmentVariable("HOME", "/nonexistent");
        }
    }
}
