#:project ../src/Core/Borderless.Core.csproj
// Writes the vectors for verifiers in other languages: dotnet run scripts/vectors.cs <directory>. What each must answer stands here,
// and the script fails where Core answers otherwise; only of bytes that were changed one by one Core says what each comes to.
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Borderless.Core;
using LanguageExt;
using static LanguageExt.Prelude;

if (args is not [var directory])
{
    Console.Error.WriteLine("usage: dotnet run scripts/vectors.cs <directory>");
    return 2;
}

const string Id = "01996168-e738-7552-9662-2041482b96c3";
const string Nonce = "q83vASNFZ4mrze8BI0VniQ";
const long Expires = 1_758_276_788;
var (abc, other) = (Hash("abc"), Hash("abd"));
var plain = Ring(("", "super-secret-hmac-secret", null));
var rotated = Ring(("k2", "the-newer-hmac-secret", null), ("k1", "the-older-hmac-secret", Expires), ("", "super-secret-hmac-secret", null));
var wrong = 0;

Write("valid", Valid());
Write("time", Time());
Write("tampered", Tampered());
Write("rules", Rules());
Write("misfits", Misfits());
Write("keys", Keys());
Write("narrowed", Narrowed());
Write("malformed", Malformed());
Receipt();
return wrong == 0 ? 0 : 1;

IEnumerable<Case> Valid() =>
[
    New("upload", "POST", Url("POST", "/upload")), New("update", "PUT", Url("PUT", "/upload")), New("status", "GET", Url("GET", "/upload")),
    New("download", "GET", Url("GET", "/files")), New("head with a URL signed for get", "HEAD", Url("GET", "/files")), New("delete", "DELETE", Url("DELETE", "/files")),
    New("upload in a bucket", "POST", Url("POST", "/docs")), New("update in a bucket", "PUT", Url("PUT", "/docs")),
    New("download in a bucket", "GET", Url("GET", "/docs")), New("delete in a bucket", "DELETE", Url("DELETE", "/docs")),
    New("status in a bucket", "GET", Sign("GET", $"/docs/{Id}/chunks")), New("head of a status", "HEAD", Sign("GET", $"/docs/{Id}/chunks")),
    New("a path in upper case", "GET", Sign("GET", $"/DOCS/{Id.ToUpperInvariant()}")),
    New("a path in upper case signed in lower case", "GET", Url("GET", "/docs").Replace("/docs/", "/DOCS/"), "invalid_signature"),
    New("a signature percent-encoded", "GET", Url("GET", "/files").Replace("sig=", "sig=%").Replace("%", Uri.HexEscape(Signature(Url("GET", "/files"))[0])).Replace(
        Uri.HexEscape(Signature(Url("GET", "/files"))[0]) + Signature(Url("GET", "/files"))[0], Uri.HexEscape(Signature(Url("GET", "/files"))[0]))),
    New("padding percent-encoded", "GET", Url("GET", "/files").TrimEnd('=') + "%3d"),
    New("content headers of the answer", "GET", Url("GET", "/files", ("response_content_type", "text/csv; charset=utf-8"),
        ("response_content_disposition", "attachment; filename*=UTF-8''na%C3%AFve|a=b&c.csv"))),
    New("parameters in another order", "POST", Reordered(Url("POST", "/docs", ("max_size", "9"), ("client_ip", "192.0.2.7")))),
    New("an upload of which nothing is demanded", "POST", Url("POST", "/docs"), Upload: new("single", 1, 3, null, abc)),
    New("several rules", "POST", Url("POST", "/docs", ("min_size", "1"), ("max_size", "9"), ("content_type", "text/*"), ("sha256", abc), ("client_ip", "192.0.2.0/24"), ("once", Nonce)),
        Upload: new("single", 1, 3, "text/plain", abc)),
];

IEnumerable<Case> Time() =>
[
    New("the last second", "GET", Url("GET", "/files"), Now: Expires), New("one second late", "GET", Url("GET", "/files"), "link_expired", Now: Expires + 1),
    New("expiry zero at time zero", "GET", Sign("GET", $"/files/{Id}", 0), Now: 0), New("expiry zero", "GET", Sign("GET", $"/files/{Id}", 0), "link_expired", Now: 1),
    New("the latest expiry", "GET", Sign("GET", $"/files/{Id}", 999_999_999_999), Now: 999_999_999_999),
    New("late and with an unknown parameter", "GET", Url("GET", "/files", ("mystery", "1")), "link_expired", Now: Expires + 1),
    New("the first second", "GET", Url("GET", "/files", ("not_before", "1000")), Now: 1000),
    New("one second early", "GET", Url("GET", "/files", ("not_before", "1000")), "link_not_yet_valid", Now: 999),
    .. Spellings().Select(text => New($"expiry spelled '{text}'", "GET", Spelled(text), "invalid_signature", Now: 0)),
];

IEnumerable<string> Spellings() => ["01", "+1", "-1", "1 ", "1.0", "0x1", "", "1000000000000"];

IEnumerable<Case> Tampered()
{
    var target = Narrow(Url("POST", "/docs", ("kid", "k2"), ("epoch", "2"), ("max_size", "9"), ("content_type", "image/*")), "client_ip=192.0.2.0%2F24|max_size=5");
    var whole = New("nothing changed", "POST", target, Keys: rotated, Epoch: 2);
    return
    [
        whole,
        .. Enumerable.Range(0, target.Length).Select(at => Judged(whole with
        {
            Name = $"byte {at} changed",
            Target = $"{target[..at]}{(char)(target[at] ^ 1)}{target[(at + 1)..]}",
        })),
        .. Seq("GET", "HEAD", "PUT", "DELETE", "PATCH", "post", "POST ", "").Map(method => Judged(whole with { Name = $"method '{method}'", Method = method })),
        whole with { Name = "another secret", Keys = Ring(("k2", "the-newer-hmac-secres", null)), Expect = "invalid_signature" },
    ];
}

IEnumerable<Case> Rules() =>
[
    .. One("min_size", "3", new("single", 1, 3, null, abc), new("single", 1, 2, null, abc), "too_small"),
    .. One("min_size", "3", new("merge", 1, 3, null, abc), new("merge", 1, 2, null, abc), "too_small"),
    .. One("min_size", "3", new("chunk", 1, 2, null, null), null, ""),
    .. One("max_size", "3", new("single", 1, 3, null, abc), new("single", 1, 4, null, abc), "payload_too_large"),
    .. One("max_size", "3", new("chunk", 1, 3, null, null), new("chunk", 1, 4, null, null), "payload_too_large"),
    .. One("max_size", "3", new("merge", 1, 3, null, abc), new("merge", 1, 4, null, abc), "payload_too_large"),
    .. One("max_size", "999999999999999999", new("single", 1, 4, null, abc), null, ""),
    .. One("content_type", "image/*", new("single", 1, 3, "IMAGE/svg+xml; charset=utf-8", abc), new("single", 1, 3, "text/html", abc), "unsupported_media_type"),
    .. One("content_type", "image/*", new("merge", 1, 3, "image/png", abc), new("merge", 1, 3, "image/png, text/html", abc), "unsupported_media_type"),
    .. One("content_type", "image/*", new("chunk", 1, 3, "text/html", null), new("single", 1, 3, null, abc), "unsupported_media_type"),
    .. One("content_type", "application/octet-stream", new("single", 1, 3, null, abc), new("single", 1, 3, "text/plain", abc), "unsupported_media_type"),
    .. One("content_type", "text/plain", new("single", 1, 3, "TEXT/plain", abc), new("single", 1, 3, "text/plain; charset=utf-8", abc), "unsupported_media_type"),
    .. One("content_type", "text/plain; charset=utf-8", new("single", 1, 3, "text/plain; charset=UTF-8", abc), new("single", 1, 3, "text/plain", abc), "unsupported_media_type"),
    .. One("sha256", abc, new("single", 1, 3, null, abc), new("single", 1, 3, null, other), "digest_mismatch"),
    .. One("sha256", abc.ToUpperInvariant(), new("merge", 1, 3, null, abc), new("merge", 1, 3, null, other), "digest_mismatch"),
    .. One("sha256", abc, new("chunk", 1, 3, null, other), null, ""),
    .. One("chunks", "3-7", new("chunk", 3, 3, null, null), new("chunk", 2, 3, null, null), "invalid_chunk"),
    .. One("chunks", "3-7", new("chunk", 7, 3, null, null), new("chunk", 8, 3, null, null), "invalid_chunk"),
    .. One("chunks", "3", new("chunk", 3, 3, null, null), new("single", 3, 3, null, abc), "invalid_chunk"),
    .. One("chunks", "1-10000", new("chunk", 10_000, 3, null, null), new("merge", 3, 3, null, abc), "invalid_chunk"),
    .. One("once", Nonce, new("single", 1, 3, null, abc), null, ""),
    .. Clients(),
    .. NoValues().Select(rule => New($"{rule.Name} cannot be '{rule.Value}'", "POST", Url("POST", "/docs", rule), "invalid_rule")),
    New("an unknown rule", "POST", Url("POST", "/docs", ("mystery", "1")), "unknown_parameter"),
    New("an unknown rule before one that cannot be read", "POST", Url("POST", "/docs", ("mystery", "1"), ("max_size", "x")), "unknown_parameter"),
    New("a rule that cannot be read before an unknown one", "POST", Url("POST", "/docs", ("max_size", "x"), ("mystery", "1")), "unknown_parameter"),
];

IEnumerable<Case> One(string name, string value, Upload good, Upload? bad, string code)
{
    yield return New($"{name} {value}: {good.Intent} passes", "POST", Url("POST", "/docs", (name, value)), Upload: good);
    yield return New($"{name} {value}: {good.Intent} passes as an update", "PUT", Url("PUT", "/docs", (name, value)), Upload: good);
    if (bad is not null)
    {
        yield return New($"{name} {value}: {bad.Intent} is refused", "POST", Url("POST", "/docs", (name, value)), code, Upload: bad);
    }
}

IEnumerable<Case> Clients() =>
    from row in Seq<(string Range, string? Client, bool IsIn)>(
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("192.0.2.7", "::ffff:192.0.2.7", true), ("192.0.2.7", "::ffff:c000:207", true),
        ("192.0.2.7", null, false), ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.0/23", "::ffff:192.0.3.1", true),
        ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "192.0.2.7", false), ("::/0", "2001:db8::1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false), ("2001:DB8::1", "2001:db8:0:0:0:0:0:1", true), ("64:ff9b::192.0.2.7", "64:ff9b::c000:207", true), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", true), ("::2:3:4:5:6:7:8/127", "0:2:3:4:5:6:7:9", true))
    from action in Seq(("POST", "/docs"), ("GET", "/files"), ("DELETE", "/docs"))
    select New($"{action.Item1} client_ip {row.Range} from {row.Client ?? "nowhere"}", action.Item1, Url(action.Item1, action.Item2, ("client_ip", row.Range)),
        row.IsIn ? "ok" : "client_not_allowed", Client: row.Client);

IEnumerable<(string Name, string Value)> NoValues() =>
[
    .. from name in Seq("min_size", "max_size", "not_before") from value in Seq("", "-1", "01", "1.0", "1e3", " 1", "1000000000000000000", "\u0661") select (name, value),
    .. Seq("", "0", "0-1", "7-3", "1-10001", "1-", "-1", "1-2-3", "01-2", "1,2").Map(value => ("chunks", value)),
    .. Seq("", "image", "*/*", "image/", "/png", "image/*; q=1", "image/png, image/gif", " image/png", "image/png ", "image/png;a=~", "image/png;a=\t", "im\u00e4ge/png").Map(value => ("content_type", value)),
    ("content_type", "a/b;c=" + new string('d', 250)),
    .. Seq("", abc[1..], abc + "0", "g" + abc[1..]).Map(value => ("sha256", value)),
    .. Seq("", "192.0.2", "192.0.2.256", "010.0.0.1", "0x7f.0.0.1", "2130706433", "192.0.2.7/24", "192.0.2.0/33", "192.0.2.0/024", "192.0.2.0/", "192.0.2.0/255.255.255.0",
        "192.0.2.7:80", "[::1]", "fe80::1%1", "::ffff:192.0.2.7", "::ffff:0:0/96", "2001:db8::1/64", "2001:db8::/129", "1:2:3:4:5:6:7", "::1::", ":", "1:2:3:4:5:6:7:8:9", "12345::",
        "64:ff9b::1.2.3", "64:ff9b::1.2.3.04", "00001::", "1:::2", "1::2:", ":1::2", "::1.2.3.4:5", " ::1", "1::2::3", "localhost").Map(value => ("client_ip", value)),
    .. Seq("", Nonce[..15], new string('a', 65), Nonce[..15] + "=").Map(value => ("once", value)),
];

IEnumerable<Case> Misfits() =>
[
    .. from rule in Seq(("min_size", "1"), ("max_size", "9"), ("content_type", "image/*"), ("sha256", abc), ("once", Nonce), ("chunks", "3-7"))
       from action in Seq(("download", "GET", "/files"), ("delete", "DELETE", "/docs"), ("status", "GET", "/upload"))
       select New($"{rule.Item1} on {action.Item1}", action.Item2, Url(action.Item2, action.Item3, rule), "invalid_rule"),
    .. from rule in Seq(("min_size", "1"), ("max_size", "9"), ("content_type", "image%2F%2A"), ("sha256", abc), ("chunks", "3-7"))
       from action in Seq(("download", "GET", "/files"), ("delete", "DELETE", "/docs"), ("status", "GET", "/upload"))
       select New($"{rule.Item1} in a level on {action.Item1}", action.Item2, Narrow(Url(action.Item2, action.Item3), $"{rule.Item1}={rule.Item2}"), "invalid_rule"),
    .. from name in Seq("response_content_type", "response_content_disposition")
       from action in Seq(("upload", "POST", "/docs"), ("delete", "DELETE", "/docs"), ("status", "GET", "/upload"))
       select New($"{name} on {action.Item1}", action.Item2, Url(action.Item2, action.Item3, (name, "text/csv")), "unknown_parameter"),
    .. from name in Seq("response_content_type", "response_content_disposition") from value in Seq("a\r\nb", "a\u0000", " a", "a\t", "na\u00efve", new string('a', 2049))
       select New($"{name} that would break a header ({value.Length} characters)", "GET", Url("GET", "/files", (name, value)), "invalid_header"),
];

IEnumerable<Case> Keys() =>
[
    New("the first key", "GET", Url("GET", "/files", ("kid", "k2")), Keys: rotated), New("an older key on its last second", "GET", Sign("GET", $"/files/{Id}", Expires + 9, ("kid", "k1")), Now: Expires, Keys: rotated),
    New("an older key that has ended", "GET", Sign("GET", $"/files/{Id}", Expires + 9, ("kid", "k1")), "invalid_signature", Now: Expires + 1, Keys: rotated),
    New("an older key that has ended, and the URL too", "GET", Url("GET", "/files", ("kid", "k1")), "invalid_signature", Now: Expires + 1, Keys: rotated),
    New("no kid means the default key", "GET", Url("GET", "/files"), Keys: rotated),
    New("no kid without a default key", "GET", Url("GET", "/files"), "invalid_signature", Keys: Ring(("k1", "super-secret-hmac-secret", null))),
    New("an empty kid names no key", "GET", Url("GET", "/files", ("kid", "")), "invalid_signature", Keys: rotated),
    New("an unknown kid", "GET", Url("GET", "/files", ("kid", "k3")), "invalid_signature", Keys: rotated),
    New("a kid in another case", "GET", Url("GET", "/files", ("kid", "K2")), "invalid_signature", Keys: rotated),
    New("a kid of another key", "GET", Url("GET", "/files", ("kid", "k2")).Replace("kid=k2", "kid=k1"), "invalid_signature", Keys: rotated),
    New("a kid taken away", "GET", Url("GET", "/files", ("kid", "k2")).Replace("&kid=k2", ""), "invalid_signature", Keys: rotated),
    New("no key at all", "GET", Url("GET", "/files"), "invalid_signature", Keys: []),
    New("no epoch in epoch 0", "GET", Url("GET", "/files")), New("epoch 0 in epoch 0", "GET", Url("GET", "/files", ("epoch", "0"))),
    New("no epoch in epoch 1", "GET", Url("GET", "/files"), "link_revoked", Epoch: 1), New("epoch 0 in epoch 1", "GET", Url("GET", "/files", ("epoch", "0")), "link_revoked", Epoch: 1),
    New("epoch 1 in epoch 1", "GET", Url("GET", "/files", ("epoch", "1")), Epoch: 1), New("epoch 2 in epoch 10", "GET", Url("GET", "/files", ("epoch", "2")), "link_revoked", Epoch: 10),
    New("epoch 11 in epoch 10", "GET", Url("GET", "/files", ("epoch", "11")), Epoch: 10),
    New("revoked and expired", "GET", Url("GET", "/files"), "link_revoked", Epoch: 1, Now: Expires + 1),
    New("revoked and unsigned", "GET", Url("GET", "/files") + "&a=1", "invalid_signature", Epoch: 1),
    New("revoked and narrowed", "GET", Narrow(Url("GET", "/files"), "client_ip=192.0.2.7"), "link_revoked", Epoch: 1),
    .. Seq("", "01", "-1", "1.0", "x", "1000000000000000000").Map(text => New($"epoch '{text}'", "GET", Url("GET", "/files", ("epoch", text)), "invalid_rule")),
];

IEnumerable<Case> Narrowed()
{
    var (wide, good, bad) = (Url("POST", "/docs", ("max_size", "9")), new Upload("single", 1, 3, "image/png", abc), new Upload("single", 1, 5, "image/gif", other));
    var levels = Enumerable.Range(1, 9).Select(n => $"max_size={9 - n + 1}").ToArray();
    var three = Narrow(wide, "max_size=8", "max_size=7", "max_size=6");
    const string Pad = "content_type=a%2Fb";
    return
    [
        .. Enumerable.Range(1, 8).Select(n => New($"{n} levels", "POST", Narrow(wide, levels[..n]))),
        New("9 levels", "POST", Narrow(wide, levels), "invalid_signature"),
        New("every rule in one level", "POST", Narrow(wide, $"expires={Expires}|not_before=5|min_size=1|max_size=4|content_type=image%2F%2A|sha256={abc}|client_ip=192.0.2.0%2F24"), Upload: good),
        New("each rule in a level of its own", "POST", Narrow(wide, $"expires={Expires}", "not_before=5", "min_size=1", "max_size=4", "content_type=image%2Fpng", $"sha256={abc}", "client_ip=192.0.2.7"), Upload: good),
        New("the narrower size", "POST", Narrow(wide, "max_size=4"), "payload_too_large", Upload: bad), New("the wider size after the narrower", "POST", Narrow(wide, "max_size=4", "max_size=100"), "payload_too_large", Upload: bad),
        New("a larger size than the URL's own", "POST", Narrow(wide, "max_size=100"), "payload_too_large", Upload: bad with { Size = 10 }),
        New("min_size in a level", "POST", Narrow(wide, "min_size=6"), "too_small", Upload: bad), New("sha256 in a level", "POST", Narrow(wide, $"sha256={abc}"), "digest_mismatch", Upload: bad),
        New("content_type in a level", "POST", Narrow(wide, "content_type=image%2Fpng"), "unsupported_media_type", Upload: bad),
        New("chunks in a level pass", "POST", Narrow(wide, "chunks=3-7"), Upload: new("chunk", 3, 5, null, null)),
        New("chunks in two levels", "POST", Narrow(wide, "chunks=3-7", "chunks=5-9"), "invalid_chunk", Upload: new("chunk", 8, 5, null, null)),
        New("chunks in two levels pass", "POST", Narrow(wide, "chunks=3-7", "chunks=5-9"), Upload: new("chunk", 6, 5, null, null)),
        New("chunks in a level take no whole blob", "POST", Narrow(wide, "chunks=3-7"), "invalid_chunk", Upload: bad),
        New("client_ip in a level", "POST", Narrow(wide, "client_ip=192.0.2.8"), "client_not_allowed"),
        New("client_ip in two levels", "POST", Narrow(wide, "client_ip=192.0.2.0%2F24", "client_ip=192.0.2.128%2F25"), "client_not_allowed"),
        New("an earlier expiry on its last second", "POST", Narrow(wide, "expires=1000"), Now: 1000), New("an earlier expiry", "POST", Narrow(wide, "expires=1000"), "link_expired", Now: 1001),
        New("a later expiry", "POST", Narrow(wide, $"expires={Expires + 9}"), "link_expired", Now: Expires + 1), New("not_before in a level", "POST", Narrow(wide, "not_before=1000"), "link_not_yet_valid", Now: 999),
        New("a level by a rotated key", "POST", Narrow(Url("POST", "/docs", ("kid", "k2")), "max_size=4"), Keys: rotated),
        New("the last level dropped", "POST", three.Replace("~max_size%3D6", ""), "invalid_signature"), New("the first level dropped", "POST", three.Replace("max_size%3D8~", ""), "invalid_signature"),
        New("all levels dropped", "POST", three.Replace("&narrow=max_size%3D8~max_size%3D7~max_size%3D6", ""), "invalid_signature"),
        New("levels in another order", "POST", three.Replace("max_size%3D8~max_size%3D7", "max_size%3D7~max_size%3D8"), "invalid_signature"),
        New("two levels made one", "POST", three.Replace("max_size%3D8~", "max_size%3D8%7C"), "invalid_signature"), New("a level twice", "POST", three.Replace("max_size%3D8~", "max_size%3D8~max_size%3D8~"), "invalid_signature"),
        New("a level widened", "POST", three.Replace("max_size%3D6", "max_size%3D9"), "invalid_signature"), New("a level added without its key", "POST", three.Replace("%3D6", "%3D6~max_size%3D5"), "invalid_signature"),
        New("a level over a signature of its own", "POST", wide.Replace("&sig=", "&narrow=max_size%3D8&sig="), "invalid_signature"),
        New("the signature of the narrower on the wider", "POST", wide.Replace(Signature(wide), Signature(three)), "invalid_signature"),
        New("the signature of the wider on the narrower", "POST", three.Replace(Signature(three), Signature(wide)), "invalid_signature"),
        New("a URL's own rule widened", "POST", three.Replace("&max_size=9", "&max_size=99"), "invalid_signature"), New("a URL's own rule dropped", "POST", three.Replace("&max_size=9", ""), "invalid_signature"),
        New("separators escaped in the query", "POST", three.Replace("~", "%7E").Replace("max_size%3D8", "%6dax_size%3d8")),
        New("an empty narrow", "POST", wide.Replace("&sig=", "&narrow=&sig="), "invalid_signature"), New("narrow twice", "POST", three + "&narrow=max_size%3D6", "invalid_signature"),
        New("a query of 4,096 bytes", "POST", Padded(wide, 4096)), New("a query of 4,097 bytes", "POST", Padded(wide, 4097), "invalid_signature"),
        New("a longer query that is not narrowed", "GET", Url("GET", "/files", ("response_content_type", new string('ä', 1000))), "invalid_header"),
        .. Seq("", "|", "max_size", "max_size=", "max_size=01", "max_size=1|", "|max_size=1", "max_size=1|max_size=1", "max_size=9|min_size=1|max_size=9", "max_size=1=1", "max_size=%", "max_size=%ff", "max_size=%zz",
            "MAX_SIZE=1", " max_size=1", $"once={Nonce}", "kid=a", "epoch=1", "narrow=max_size", "response_content_type=a", "mystery=1", "client_ip=192.0.2.0%2F99", "content_type=image", "chunks=0", "content_type=im\u00e4ge")
            .Map(level => New($"the level '{level}'", "POST", Narrow(wide, level), "invalid_rule")),
        New("a level that is none before a good one", "POST", Narrow(wide, "mystery=1", "max_size=4"), "invalid_rule"),
        New("values escaped in a level", "POST", Narrow(wide, "max_size=%34|" + Pad.Replace("%2F", "%2f").Replace("=a", "=%61")), Upload: good with { Type = "a/b" }),
        New("a value of a level not escaped", "POST", Narrow(wide, "content_type=a/b"), Upload: good with { Type = "a/b" }),
    ];
}

IEnumerable<Case> Malformed() =>
[
    .. Seq("", "?", $"?expires={Expires}", $"?sig={Signature(Url("GET", "/files"))}", "?a=1").Map(query => New($"'{(query.Contains("sig") ? "?sig" : query)}' is no signed query", "GET", $"/files/{Id}{query}", "missing_signature")),
    .. Seq("&a=%ff", "&a=%c0%80", "&a=%ed%a0%80", "&a=%", "&a=%4", "&a=%zz", "&a=\u00e4", "&A=1", "&a-b=1", "&%61=1", "&=1", "&", "&&a=1", "&a =1", "&a=1&a=1", "&a&a=", $"&expires={Expires}", "&xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=1", "&a=1", "&a=1?b=2")
        .Map(extra => New($"'{extra}' appended", "GET", Url("GET", "/files") + extra, "invalid_signature")),
    .. Seq(30, 31).Map(count => New(
        $"{count + 2} parameters", "GET", Url("GET", "/files", [.. Enumerable.Range(10, count).Select(i => ($"a{i}", ""))]), count == 30 ? "unknown_parameter" : "invalid_signature")),
    New("the signature twice", "GET", Url("GET", "/files") + $"&sig={Signature(Url("GET", "/files"))}", "invalid_signature"),
    New("no padding", "GET", Url("GET", "/files").TrimEnd('='), "invalid_signature"), New("padding twice encoded", "GET", Url("GET", "/files").TrimEnd('=') + "%253D", "invalid_signature"),
    New("a signature in plain base64", "GET", Sign("GET", $"/files/{Id}", 1).Replace('-', '+').Replace('_', '/').Replace("+e738+7552+9662+2041482b96c3", Id[8..]), Signature(Sign("GET", $"/files/{Id}", 1)).IndexOfAny(['-', '_']) < 0 ? "ok" : "invalid_signature", Now: 0),
    New("a signature with its last bits changed", "GET", Loosened(Url("GET", "/files")), "invalid_signature"), New("an empty signature", "GET", $"/files/{Id}?expires={Expires}&sig=", "invalid_signature"),
    New("a plus in a value", "GET", Url("GET", "/files", ("response_content_type", "a+b"))), New("a plus where a space was signed", "GET", Url("GET", "/files", ("response_content_type", "a b")).Replace("%20", "+"), "invalid_signature"),
    .. Seq($"/files/{Id}/", $"//files/{Id}", $"/files//{Id}", $"/x/../files/{Id}", $"/./files/{Id}", $"/%66iles/{Id}", $"/files/%30{Id[1..]}", $"/files%2f{Id}", $"/files/{Id}/chunks", $"/upload/{Id}/chunks",
        $"/docs/{Id}/Chunks", $"/docs/{Id}/x", $"/docs/{Id}/chunks/x", "/files/..", "/files/.", "/files", "/", "", "*", $"files/{Id}", $"http://localhost/files/{Id}", $"/admin/{Id}", $"/metrics/{Id}", $"/healthz/{Id}", $"/.well-known/{Id}")
        .Map(path => New($"the path '{path}'", "GET", Sign("GET", path), "no_such_route")),
    .. Seq($"/FILES/{Id}", $"/Upload/{Id}", $"/a.b/{Id}", $"/.../{Id}", $"/a;b/{Id}", $"/\u212a/{Id}", $"/{new string('a', 64)}/{Id}", $"/a b/{Id}").Map(path => New($"the bucket of '{path}'", "GET", Sign("GET", path), "invalid_bucket")),
    New("a bucket of 63 characters", "GET", Sign("GET", $"/{new string('a', 63)}/{Id}")),
    .. Seq($"/files/{Id[1..]}", $"/files/{Id}0", $"/files/{Id.Replace("-", "")}", $"/files/{{{Id}}}", $"/files/g{Id[1..]}", $"/docs/{Id.Replace('-', '0')}", "/docs/a").Map(path => New($"the id of '{path}'", "GET", Sign("GET", path), "invalid_blob_id")),
    .. Seq(("POST", "/files/"), ("PUT", "/files/"), ("DELETE", "/upload/"), ("PATCH", "/docs/"), ("get", "/files/"), ("OPTIONS", "/docs/"), ("", "/docs/"))
        .Map(row => New($"'{row.Item1}' on {row.Item2}", row.Item1, Sign(row.Item1, row.Item2 + Id), "method_not_allowed")),
    New("'POST' on chunks", "POST", Sign("POST", $"/docs/{Id}/chunks"), "method_not_allowed"),
];

Case New(
    string Name, string Method, string Target, string Expect = "ok", long Now = 1_758_276_000, long Epoch = 0, string? Client = "192.0.2.7", Key[]? Keys = null, Upload? Upload = null) =>
    new(Name, Keys ?? plain, Epoch, Now, Client, Method, Target, Upload, Expect);

static Case Judged(Case one) => one with { Expect = Answer(one) };

static Key[] Ring(params (string Id, string Secret, long? Until)[] keys) => [.. keys.Select(key => new Key(key.Id, key.Secret, key.Until))];

static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

string Url(string method, string first, params (string Name, string Value)[] parameters) => Sign(method, $"{first}/{Id}", Expires, parameters);

string Sign(string method, string path, long expires = Expires, params (string Name, string Value)[] parameters) => Presign.UrlOf(
    SigningKey.FromSecret(rotated.Single(key => key.Id == (parameters.FirstOrDefault(one => one.Name == "kid").Value is "k1" or "k2" ? parameters.First(one => one.Name == "kid").Value : "")).Secret),
    "", new Claim(method, path, new(expires), toSeq(parameters.Select(one => new SignedParameter(one.Name, one.Value)).ToArray())));

string Spelled(string expires)
{
    var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(plain[0].Secret), Encoding.UTF8.GetBytes($"GET|/files/{Id}|{expires}"));
    return $"/files/{Id}?expires={Uri.EscapeDataString(expires)}&sig={Base64(mac)}";
}

static string Signature(string target) => target[(target.LastIndexOf("sig=", StringComparison.Ordinal) + 4)..];

static string Base64(byte[] mac) => Convert.ToBase64String(mac).Replace('+', '-').Replace('/', '_');

// By hand, so that levels can stand here which Core would not write.
static string Narrow(string wide, params string[] levels)
{
    var mac = levels.Aggregate(
        Convert.FromBase64String(Signature(wide).Replace('-', '+').Replace('_', '/')), (key, level) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"narrow|{level}")));
    return $"{wide[..wide.LastIndexOf("&sig=", StringComparison.Ordinal)]}&narrow={string.Join('~', levels.Select(Percent.Encode))}&sig={Base64(mac)}";
}

// Exactly so long: what is escaped twice fills it fast, and single characters the rest.
static string Padded(string wide, int length)
{
    var levels = Enumerable.Range(0, 8).Select(_ => new StringBuilder("content_type=a/b;")).ToArray();
    for (var at = 0; Query() < length; at++)
    {
        _ = levels[at % 8].Append(length - Query() >= 5 ? "%22" : "c");
    }

    return Narrow(wide, [.. levels.Select(level => level.ToString())]);

    int Query() => Narrow(wide, [.. levels.Select(level => level.ToString())]).Split('?')[1].Length;
}

static string Reordered(string target) => $"{target.Split('?')[0]}?{string.Join('&', target.Split('?')[1].Split('&').Reverse())}";

static string Loosened(string target)
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return $"{target[..^2]}{Alphabet[Alphabet.IndexOf(target[^2]) + 1]}=";
}

static string Answer(Case one)
{
    var ring = KeyRing.Of([.. one.Keys.Select(Named)]);
    var at = new Circumstances(new(one.Now), one.Client is { } client ? IPAddress.Parse(client) : null, one.Epoch);
    return (from link in Link.Read(one.Method, one.Target)
            from grant in Presign.Verify(ring, at, link)
            from stored in one.Upload is { } upload ? Stored(grant.Rules, upload) : unit
            select stored).Match(Right: _ => "ok", Left: error => error.Code);
}

static Either<StoreError, Unit> Stored(LinkRules rules, Upload upload)
{
    UploadIntent intent = upload.Intent switch
    {
        "single" => new UploadIntent.Single(),
        "chunk" => new UploadIntent.Chunk(upload.Index, UploadIntent.MaxChunks),
        _ => new UploadIntent.Merge(UploadIntent.MaxChunks),
    };
    return from begun in rules.JudgeUpload(intent, upload.Size, upload.Type)
           from waiting in intent is UploadIntent.Single ? unit : rules.JudgeWaiting(upload.Size)
           from whole in intent is UploadIntent.Chunk ? unit : rules.JudgeBlob(upload.Size, Digest.Parse(upload.Sha256 ?? "").IfNone(Digest.OfNothing), upload.Type)
           select whole;
}

void Write(string name, IEnumerable<Case> cases)
{
    var lines = cases.GroupBy(one => one.Name).SelectMany(same => same.Select((one, at) => at == 0 ? one : one with { Name = $"{one.Name} ({at + 1})" })).Select(one =>
    {
        if (Answer(one) is var answer && (answer != one.Expect || (name == "tampered" && answer == "ok" && one.Name != "nothing changed")))
        {
            Console.Error.WriteLine($"{name}: {one.Name}: expected {one.Expect}, Core says {answer}");
            wrong++;
        }

        return Line(one);
    });
    File.WriteAllText(Path.Combine(directory, $"{name}.json"), $"{{\"cases\": [\n{string.Join(",\n", lines)}\n]}}\n");
}

void Receipt()
{
    var stored = new Receipt(BucketName.Parse("docs").IfLeft(BucketName.Default), BlobId.Parse(Id).IfLeft(default(BlobId)), 3, Digest.Parse(abc).IfNone(Digest.OfNothing), "image/png", new(1_758_276_000), Durability.Strict);
    string Signed(Receipt receipt, Key key) => Receipts.Sign(ReceiptSigner.Of(Named(key)), receipt);
    var (newer, older, named) = (rotated[0], rotated[1], Signed(stored, rotated[0]));
    var claims = Encoding.UTF8.GetString(Convert.FromBase64String(Padding(named.Split('.')[1])));
    const string Header = """{"alg":"HS256","kid":"k2","typ":"borderless-receipt+jwt"}""";
    List<ReceiptCase> cases =
    [
        new("a receipt of the default key", plain, 0, Signed(stored, plain[0]), true), new("a receipt of a named key", rotated, 0, named, true), new("the same by hand", rotated, 0, ByHand(Header, claims), true),
        new("a receipt without a type", rotated, 0, Signed(stored with { ContentType = null }, newer), true), new("of an empty blob", rotated, 0, Signed(stored with { Size = 0, Durability = Durability.Relaxed }, newer), true),
        new("of the largest size", rotated, 0, Signed(stored with { Size = (1L << 53) - 1, ContentType = "a/b; c=\"\\\"\"" }, newer), true),
        new("an older key on its last second", rotated, Expires, Signed(stored, older), true), new("an older key that has ended", rotated, Expires + 1, Signed(stored, older), false),
        new("an unknown key", plain, 0, named, false), new("another secret", Ring(("k2", "the-newer-hmac-secres", null)), 0, named, false),
        new("the key of URLs itself", rotated, 0, ByHand(Header, claims, Encoding.UTF8.GetBytes(newer.Secret)), false),
        .. Seq("none", "HS512", "ES256", "hs256", "").Map(text => new ReceiptCase($"the algorithm '{text}'", rotated, 0, ByHand(Header.Replace("HS256", text), claims), false)),
        new("the algorithm none without a signature", rotated, 0, ByHand(Header.Replace("HS256", "none"), claims).Split('.') is [var head, var body, _] ? $"{head}.{body}." : "", false),
        .. Seq("__proto__", "constructor", "toString").Map(kid => new ReceiptCase($"the kid {kid} under an empty secret", rotated, 0, ByHand(
            Header.Replace("k2", kid), claims, HKDF.DeriveKey(HashAlgorithmName.SHA256, [], 32, info: Encoding.UTF8.GetBytes("borderless receipt v1"))), false)),
        new("another type", rotated, 0, ByHand(Header.Replace("borderless-receipt+jwt", "JWT"), claims), false), new("no type", rotated, 0, ByHand(Header.Replace(",\"typ\":\"borderless-receipt+jwt\"", ""), claims), false),
        new("extensions", rotated, 0, ByHand(Header.Replace("{", "{\"crit\":[],"), claims), false), .. Seq("exp", "nbf", "aud").Map(name => new ReceiptCase($"a claim {name}", rotated, 0, ByHand(Header, claims.Replace("{", $"{{\"{name}\":1,")), false)),
        new("no JSON", rotated, 0, ByHand(Header, "x"), false), new("four segments", rotated, 0, named + ".", false), new("two segments", rotated, 0, named[..named.LastIndexOf('.')], false), new("nothing", rotated, 0, "", false), new("padding", rotated, 0, named + "=", false),
        .. Enumerable.Range(0, named.Length).Select(at => new ReceiptCase($"byte {at} changed", rotated, 0, $"{named[..at]}{(char)(named[at] ^ 1)}{named[(at + 1)..]}", false)),
    ];
    foreach (var one in cases.Where(one => Receipts.Verify(ReceiptKeys.Of(KeyRing.Of([.. one.Keys.Select(Named)])), new(one.Now), one.Receipt).IsRight != one.Stands))
    {
        Console.Error.WriteLine($"receipts: {one.Name}: expected {one.Stands}, Core says otherwise");
        wrong++;
    }

    File.WriteAllText(Path.Combine(directory, "receipts.json"), $"{{\"cases\": [\n{string.Join(",\n", cases.Select(ReceiptLine))}\n]}}\n");

    string ByHand(string header, string body, byte[]? key = null)
    {
        var signed = $"{Base64(Encoding.UTF8.GetBytes(header)).TrimEnd('=')}.{Base64(Encoding.UTF8.GetBytes(body)).TrimEnd('=')}";
        key ??= HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(newer.Secret), 32, info: Encoding.UTF8.GetBytes("borderless receipt v1"));
        return $"{signed}.{Base64(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed))).TrimEnd('=')}";
    }
}

static NamedKey Named(Key key) => new(key.Id, SigningKey.FromSecret(key.Secret), key.Until is { } until ? new(until) : NamedKey.NoEnd);

static string Padding(string segment) => segment.Replace('-', '+').Replace('_', '/').PadRight((segment.Length + 3) / 4 * 4, '=');

static string ReceiptLine(ReceiptCase one) => Object(json =>
{
    json.WriteString("name", one.Name);
    WriteKeys(json, one.Keys);
    json.WriteNumber("now", one.Now);
    json.WriteString("receipt", one.Receipt);
    json.WritePropertyName("expect");
    json.WriteRawValue(one.Stands ? Encoding.UTF8.GetString(Convert.FromBase64String(Padding(one.Receipt.Split('.')[1]))) : "null");
});

static void WriteKeys(Utf8JsonWriter json, Key[] keys)
{
    json.WriteStartObject("keys");
    foreach (var key in keys)
    {
        json.WriteStartObject(key.Id);
        json.WriteString("secret", key.Secret);
        if (key.Until is { } until)
        {
            json.WriteNumber("until", until);
        }

        json.WriteEndObject();
    }

    json.WriteEndObject();
}

static string Object(Action<Utf8JsonWriter> write)
{
    using var bytes = new MemoryStream();
    using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }

    return Encoding.UTF8.GetString(bytes.ToArray());
}

static string Line(Case one) => Object(json =>
{
    json.WriteString("name", one.Name);
    WriteKeys(json, one.Keys);
    json.WriteNumber("epoch", one.Epoch);
    json.WriteNumber("now", one.Now);
    json.WriteString("client", one.Client);
    json.WriteString("method", one.Method);
    json.WriteString("target", one.Target);
    if (one.Upload is { } upload)
    {
        json.WriteStartObject("upload");
        json.WriteString("intent", upload.Intent);
        json.WriteNumber("index", upload.Index);
        json.WriteNumber("size", upload.Size);
        json.WriteString("content_type", upload.Type);
        json.WriteString("sha256", upload.Sha256);
        json.WriteEndObject();
    }

    json.WriteString("expect", one.Expect);
});

internal sealed record Key(string Id, string Secret, long? Until);

internal sealed record Upload(string Intent, int Index, long Size, string? Type, string? Sha256);

internal sealed record Case(string Name, Key[] Keys, long Epoch, long Now, string? Client, string Method, string Target, Upload? Upload, string Expect);

internal sealed record ReceiptCase(string Name, Key[] Keys, long Now, string Receipt, bool Stands);
