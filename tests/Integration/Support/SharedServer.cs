namespace Borderless.Tests.Integration.Support;

/// <summary>One server for the tests of a class that only look and never turn its clock.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private TestServer? server;

    internal TestServer Server => server ?? throw new InvalidOperationException("the server has not started");

    public async Task InitializeAsync() => server = await TestServer.Start();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
