#:project ../src/Core/Borderless.Core.csproj
// Mints an upload URL without calling the store: dotnet run examples/mint.cs <origin> <secret>
using Borderless.Core;

var request = new PresignRequest(BlobAction.Upload, Blob: default, Bucket: default, ExpiresIn: 600);
var minted = Presign.Mint(
    SigningKey.FromSecret(args[1]),
    origin: args[0],
    now: new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
    request,
    newId: BlobId.From(Guid.CreateVersion7()),
    maxExpiry: 86_400);
Console.WriteLine(minted.Url);
