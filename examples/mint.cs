#:project ../src/Core/Borderless.Core.csproj
// Mints an upload URL without calling the store: dotnet run examples/mint.cs <origin> <secret>
using System.Security.Cryptography;
using Borderless.Core;

if (args is not [var domain, var secret] || Origin.Parse(domain).Case is not Origin origin)
{
    Console.Error.WriteLine("usage: dotnet run examples/mint.cs <origin> <secret>, with an origin such as https://blobs.example.com");
    return 2;
}

var minted = Presign.Mint(
    new Minter(NamedKey.Default(SigningKey.FromSecret(secret)), origin),
    now: new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
    new PresignRequest(BlobAction.Upload, Blob: default, Bucket: default, ExpiresIn: 600),
    newId: BlobId.From(Guid.CreateVersion7()),
    nonce: Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
return minted.Match(
    Right: made =>
    {
        Console.WriteLine(made.Url);
        return 0;
    },
    Left: error =>
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    });
