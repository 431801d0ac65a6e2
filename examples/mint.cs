#:project ../src/Core/Borderless.Core.csproj
// Mints an upload URL without calling the store: dotnet run examples/mint.cs <origin> <secret>
using Borderless.Core;

if (args is not [var domain, var secret] || Origin.Parse(domain).Case is not Origin origin)
{
    Console.Error.WriteLine("usage: dotnet run examples/mint.cs <origin> <secret>, with an origin such as https://blobs.example.com");
    return 2;
}

var request = new PresignRequest(BlobAction.Upload, Blob: default, Bucket: default, ExpiresIn: 600);
var minted = Presign.Mint(
    SigningKey.FromSecret(secret),
    origin,
    now: new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
    request,
    newId: BlobId.From(Guid.CreateVersion7()),
    maxExpiry: 86_400);
Console.WriteLine(minted.Url);
return 0;
