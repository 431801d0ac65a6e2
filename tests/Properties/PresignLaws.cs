using System.Text.RegularExpressions;

namespace Borderless.Tests.Properties;

public sealed class PresignLaws
{
    private static Minted Mint(PresignRequest request, Secret secret, UrlTime now, Guid newId, long max) =>
        Outcomes.Mint(SigningKey.FromSecret(secret.Text), now.Seconds, request, BlobId.From(newId), max);

    [Property(MaxTest = 300)]
    public Property A_minted_url_grants_what_was_asked_for(PresignRequest request, Secret secret, UrlTime at, Guid newId)
    {
        var now = new UrlTime(at.Value / 2);
        var minted = Mint(request, secret, now, newId, 86_400);
        var grant = Outcomes.Open(SigningKey.FromSecret(secret.Text), now.Seconds, minted.Method, minted.Url[Outcomes.Store.Value.Length..]).RightOrThrow();
        return (grant.Action == request.Action && grant.Blob == request.Blob.IfNone(BlobId.From(newId))
                && grant.Bucket == request.Bucket.IfNone(BucketName.Default) && grant.Expires == new UnixSeconds(now.Value + minted.ExpiresIn)
                && (minted.Action, minted.Bucket, minted.Blob) == (grant.Action, grant.Bucket, grant.Blob))
            .Classify(request.Blob.IsNone, "with a new id")
            .Classify(request.Bucket.IsNone, "in the default bucket");
    }

    [Property]
    public Property A_url_lives_as_long_as_asked_but_never_longer_than_permitted(PresignRequest request, Secret secret, UrlTime limit)
    {
        var max = limit.Value % 1_000_000 + 1;
        var wish = request.ExpiresIn.IfNone(900);
        return (Mint(request, secret, new(0), Guid.Empty, max).ExpiresIn == (wish < max ? wish : max))
            .Classify(request.ExpiresIn.IsNone, "no wish").Classify(wish > max, "cut").Classify(wish == max, "exactly the limit");
    }

    [Property]
    public bool The_path_follows_the_bucket_that_was_asked_for(PresignRequest request, Secret secret, Guid newId)
    {
        var first = request.Bucket.Map(bucket => bucket.Value).IfNone(
            request.Action is BlobAction.Download or BlobAction.Delete ? "files" : "upload");
        var last = request.Action == BlobAction.Status && request.Bucket.IsSome ? "/chunks" : "";
        return Mint(request, secret, new(0), newId, 60).Url.StartsWith(
            $"{Outcomes.Store}/{first}/{request.Blob.IfNone(BlobId.From(newId))}{last}?expires=", StringComparison.Ordinal);
    }

    [Property]
    public Property What_a_url_puts_in_place_of_content_headers_arrives_or_is_refused_before_it_breaks_one(
        Hostile type, Words disposition, Secret secret, Guid blob)
    {
        var key = SigningKey.FromSecret(secret.Text);
        var claim = new Claim("GET", $"/files/{blob}", new(10), Seq(
            new SignedParameter("response_content_type", type.Text), new SignedParameter("response_content_disposition", disposition.Text)));
        var harmless = Seq(type.Text, disposition.Text)
            .ForAll(text => text.All(c => c is (>= ' ' and <= '~') or '\t') && text.Trim(' ', '\t') == text);
        var outcome = Link.Read("GET", Presign.UrlOf(key, "", claim)).Bind(link => Outcomes.Verify(key, new(10), link));
        return (harmless
                ? outcome.Exists(grant => grant.Overrides == ContentHeaders.Read(type.Text, disposition.Text).RightOrThrow())
                : outcome.Code() is "invalid_header" or "invalid_signature")
            .Classify(harmless, "harmless");
    }

    [Theory]
    [InlineData("GET", "/files/", "response_content_typ")]
    [InlineData("POST", "/upload/", "response_content_type")]
    [InlineData("DELETE", "/files/", "response_content_disposition")]
    [InlineData("GET", "/upload/", "response_content_type")]
    public void A_parameter_that_does_not_fit_the_action_is_refused_although_it_is_signed(string method, string prefix, string name)
    {
        var key = SigningKey.FromSecret("secret");
        var claim = new Claim(method, $"{prefix}01996168-e738-7552-9662-2041482b96c3", new(10), Seq1(new SignedParameter(name, "a")));
        Assert.Equal(
            "unknown_parameter",
            Link.Read(method, Presign.UrlOf(key, "", claim)).Bind(link => Outcomes.Verify(key, new(10), link)).Code());
    }

    private static string WithUpperEscapes(string text) =>
        Regex.Replace(text, "%[0-9A-Fa-f]{2}", escape => escape.Value.ToUpperInvariant());

    [Property(MaxTest = 1000)]
    public Property One_changed_character_of_the_target_refuses(SignedUrl url, int at, Hostile strange)
    {
        var target = url.Target.WithOneChanged(at, strange.Text.FirstOrDefault('x'));
        // The digits of an escape mean the same in either case; nothing else does.
        var same = WithUpperEscapes(target) == WithUpperEscapes(url.Target);
        return (same || !url.Open(url.Method, target).WasSigned())
            .Classify(same, "nothing but the case of an escape")
            .Classify(Link.Read(url.Method, target).IsRight, "still a link");
    }

    [Property(MaxTest = 300)]
    public Property A_url_of_one_method_refuses_all_others(SignedUrl url)
    {
        var methods = Seq("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
            .Filter(method => url.Open(method, url.Target).WasSigned());
        return (methods == (url.Method == "GET" ? Seq("GET", "HEAD") : Seq1(url.Method))).Classify(url.Method == "GET", "GET, and so HEAD");
    }

    [Property]
    public bool Another_path_expiry_or_parameter_refuses_an_old_signature(SignedUrl url, Guid other, UrlTime later)
    {
        var claim = url.Claim;
        return Seq(
                claim with { Path = $"/{url.First}/{(other == url.Id ? Guid.Empty == other ? Guid.AllBitsSet : Guid.Empty : other)}" },
                claim with { Path = $"/{(url.First.StartsWith("zz-", StringComparison.Ordinal) ? "a" : "zz-b")}/{url.Second}" },
                claim with { Expires = new(later.Value == url.Expires.Value ? later.Value + 1 : later.Value) },
                claim with { Parameters = claim.Parameters.Add(new SignedParameter("added", "")) },
                claim with { Parameters = claim.Parameters.Map(p => p with { Value = p.Value + "|" }).Add(new SignedParameter("one_more", "")) })
            .ForAll(changed => !Signing.IsSigned(url.Key, changed, url.Signature))
            && claim.Parameters.ForAll(dropped =>
                !Signing.IsSigned(url.Key, claim with { Parameters = claim.Parameters.Filter(p => p != dropped) }, url.Signature));
    }

    [Property]
    public bool One_changed_character_of_the_key_refuses(SignedUrl url, int at) =>
        !(url with { Secret = url.Secret.WithOneChanged(at, 'x') }).Open(url.Method, url.Target).WasSigned();

    [Property]
    public bool The_expiry_itself_still_counts_and_the_next_second_does_not(SignedUrl signed)
    {
        var url = signed with { Query = new(Seq<SignedParameter>()) };
        Either<StoreError, Grant> At(long now) => Outcomes.Open(url.Key, new(now), url.Method, url.Target);
        return At(0).Code() == "ok" && At(url.Expires.Value).Code() == "ok"
            && At(url.Expires.Value + 1) == Prelude.Left<StoreError, Grant>(new StoreError.LinkExpired(url.Expires.Seconds));
    }

    [Property]
    public Property A_late_link_is_refused_and_an_early_one_is_not(SignedUrl signed, UrlTime now)
    {
        var url = signed with { Query = new(Seq<SignedParameter>()) };
        var late = now.Value > url.Expires.Value;
        return (Outcomes.Open(url.Key, now.Seconds, url.Method, url.Target).Code() == (late ? "link_expired" : "ok")).Classify(late, "late");
    }

    [Property]
    public Property The_signature_is_judged_before_the_time_and_the_time_before_the_parameters(SignedUrl signed, Parameters query)
    {
        var url = signed with { Query = new(new SignedParameter("mystery", "1").Cons(query.All)) };
        var (late, forged) = (new UnixSeconds(url.Expires.Value + 1), url.Target.Replace("mystery=1", "mystery=2", StringComparison.Ordinal));
        return (Outcomes.Open(url.Key, late, url.Method, forged).Code() == "invalid_signature").Label("signature first")
            .And((Outcomes.Open(url.Key, late, url.Method, url.Target).Code() == "link_expired").Label("then the time"))
            .And((Outcomes.Open(url.Key, url.Expires.Seconds, url.Method, url.Target)
                == Prelude.Left<StoreError, Grant>(new StoreError.UnknownParameter("mystery"))).Label("then parameters"));
    }
}
