namespace Borderless.Tests.Properties;

public sealed class KeyRingLaws
{
    private static SigningKey Key(string id) => SigningKey.FromSecret($"secret of {id}");

    /// <summary>Keys with distinct names, one of them often the default, with ends from 0 to 20 or none.</summary>
    private static KeyRing Ring(int seed, params string[] ids) => KeyRing.Of(Order(seed, ids)
        .Select((id, at) => new NamedKey(id, Key(id), (seed >> at) % 3 == 0 ? NamedKey.NoEnd : new((uint)(seed >> at) % 21))).ToArray());

    private static IEnumerable<string> Order(int seed, string[] ids) => ids.OrderBy(id => unchecked((uint)((id.LastOrDefault() + 1) * 7919 * seed)) % 7);

    private static string CodeOf(KeyRing ring, UnixSeconds now, RuledUrl url) => url.Method is var method && Link.Read(method, url.Target)
        .Bind(link => Presign.Verify(ring, new Circumstances(now), link)) is var outcome ? outcome.Code() : "";

    [Property(MaxTest = 500)]
    public Property A_url_verifies_in_every_ring_that_has_its_key_until_that_key_ends(RuledUrl any, int seed, bool known, Use use)
    {
        var kid = known ? any.Kid : "gone";
        var url = any with { Secret = $"secret of {kid}", Kid = kid, Own = Empty, Levels = Empty, Expires = Link.LastExpiry };
        var ring = Ring(seed, "", "k1", "2026-11.a_B", "k2");
        var alive = ring.All.Find(key => key.Id == kid).Exists(key => use.At.Now <= key.Until);
        return (CodeOf(ring, use.At.Now, url) == (alive ? "ok" : "invalid_signature")
                && CodeOf(ring, use.At.Now, url with { Secret = "another" }) == "invalid_signature")
            .Classify(alive, "alive").Classify(known && !alive, "ended").Classify(kid.Length == 0, "default");
    }

    [Property(MaxTest = 500)]
    public Property A_narrowed_url_lives_and_ends_with_its_key(RuledUrl any, Level level, UrlTime end)
    {
        var url = any with { Action = BlobAction.Upload, Own = Empty, Levels = Seq1(level) };
        var ring = KeyRing.Of(new NamedKey(url.Kid, SigningKey.FromSecret(url.Secret), end.Seconds));
        return (CodeOf(ring, end.Seconds, url) != "invalid_signature" && CodeOf(ring, end.Seconds.Plus(1), url) == "invalid_signature")
            .Classify(url.Kid.Length > 0, "named");
    }

    [Property(MaxTest = 500)]
    public Property The_first_key_that_has_not_ended_signs_and_its_urls_verify_and_end_with_it(PresignRequest request, int seed, Use use)
    {
        var (ring, now) = (Ring(seed, "", "k1", "k2"), use.At.Now);
        var expected = ring.All.Filter(key => now <= key.Until).HeadOrNone();
        var signer = ring.Signer(now);
        var minted = signer.Bind(key => Presign.Mint(new Minter(key, Outcomes.Store, Epoch: 3), now, request, default, ""));
        var granted = minted.Bind(url => Link.Read(url.Method, url.Url[Outcomes.Store.Value.Length..]))
            .Bind(link => Presign.Verify(ring, new Circumstances(now, Epoch: 3), link));
        return expected.Match(
                Some: key => signer.Exists(one => ReferenceEquals(one, key)) && granted.Exists(grant => grant.Expires <= key.Until)
                    && minted.Exists(url => url.Url.Contains($"&kid={key.Id}&", StringComparison.Ordinal) == key.Id.Length > 0 && url.ExpiresIn >= 0
                        && !(key.Id.Length == 0 && url.Url.Contains("kid=", StringComparison.Ordinal))),
                None: () => signer.Code() == "no_signing_key")
            .Classify(expected.IsSome, "signs").Classify(expected.Exists(key => key.Until != NamedKey.NoEnd), "by a key with an end");
    }

    [Fact]
    public void A_key_that_has_ended_mints_nothing()
    {
        static string Mint(long now) => Presign.Mint(
            new Minter(new NamedKey("k", Key("k"), new(10)), Outcomes.Store), new(now), new PresignRequest(BlobAction.Upload, None, None, None), default, "").Code();
        Assert.Equal("ok", Mint(10));
        Assert.Equal("no_signing_key", Mint(11));
    }

    [Fact]
    public void No_url_is_minted_with_an_expiry_that_could_not_be_read_back()
    {
        var minted = Presign.Mint(
            new Minter(NamedKey.Default(Key("")), Outcomes.Store, long.MaxValue), new(7),
            new PresignRequest(BlobAction.Upload, None, None, Some(long.MaxValue)), default, "").RightOrThrow();
        Assert.Equal(Link.LastExpiry - 7, minted.ExpiresIn);
        Assert.Equal("ok", Outcomes.Open(Key(""), new(Link.LastExpiry), minted.Method, minted.Url[Outcomes.Store.Value.Length..]).Code());
    }

    [Property(MaxTest = 500)]
    public Property A_lower_or_missing_epoch_is_revoked_and_only_a_right_signature_learns_it(RuledUrl any, Wide current, UrlTime now, bool forged)
    {
        var url = any with { Secret = "a secret", Own = Empty, Levels = Empty, Epoch = Math.Max(0, any.Epoch) };
        var at = new Circumstances(now.Seconds, null, Math.Abs(current.Value % 4));
        var outcome = (forged ? url with { Secret = "another" } : url).Open(at, url.Target).Code();
        return (outcome == (forged ? "invalid_signature" : url.Epoch < at.Epoch ? "link_revoked" : now.Value > url.Expires ? "link_expired" : "ok"))
            .Classify(outcome == "link_revoked", "revoked").Classify(outcome == "ok", "alive");
    }

    [Theory]
    [InlineData("", "invalid_rule")]
    [InlineData("01", "invalid_rule")]
    [InlineData("-1", "invalid_rule")]
    [InlineData("1000000000000000000", "invalid_rule")]
    [InlineData("0", "link_revoked")]
    [InlineData("1", "ok")]
    [InlineData("999999999999999999", "ok")]
    public void An_epoch_is_a_number_of_one_spelling(string epoch, string code)
    {
        var claim = new Claim("GET", $"/files/{Guid.Empty}", new(10), Seq1(new SignedParameter("epoch", epoch)));
        Assert.Equal(code, Link.Read("GET", Presign.UrlOf(Key(""), "", claim))
            .Bind(link => Presign.Verify(KeyRing.Of(NamedKey.Default(Key(""))), new Circumstances(new(0), null, 1), link)).Code());
    }

    [Fact]
    public void A_ring_never_shows_a_secret() => Assert.DoesNotContain("secret", $"{Ring(0, "", "k1")}{Ring(0, "k1").All}", StringComparison.Ordinal);
}
