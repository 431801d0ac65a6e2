namespace Borderless.Tests.Properties;

public sealed class ExplainLaws
{
    private static readonly string Url = new RuledUrl("a secret", "", 0, BlobAction.Upload, Guid.Parse("01996168-e738-7552-9662-2041482b96c3"), 900, Empty, Empty).Wide;

    /// <summary>What a server answers is nothing where nothing is listed, and what is listed first otherwise.</summary>
    private static bool Agrees(KeyRing keys, Circumstances at, string target, string method)
    {
        var explained = Presign.Explain(keys, at, target, method).Refusals;
        return Link.Read(method, target).Bind(link => Presign.Verify(keys, at, link)).Match(
            Right: _ => explained.IsEmpty,
            Left: error => explained.HeadOrNone().Exists(first => first.Error == error));
    }

    [Property(MaxTest = 300)]
    public Property It_is_empty_exactly_when_a_url_is_granted_and_else_begins_with_what_a_store_answers(RuledUrl url, Use use, Approach other, int at, char any)
    {
        var changed = url.Target.WithOneChanged(at, any);
        var granted = url.Open(use.At, url.Target).IsRight;
        return (Agrees(url.Ring, use.At, url.Target, url.Method) && Agrees(url.Ring, use.At, changed, url.Method)
                && Agrees(url.Ring, use.At, url.Target, other.Method) && Agrees(url.Ring, use.At, other.Target, other.Method))
            .Classify(granted, "granted");
    }

    /// <summary>Under a signature that fits, whatever the parameters and levels hold.</summary>
    [Property(MaxTest = 300)]
    public Property It_agrees_about_signed_urls_of_any_parameters_and_levels(RuledUrl url, Parameters own, Parameters more, Hostile level, Use use, int which)
    {
        var names = Rule.Names + Seq("kid", "epoch", "response_content_type", "response_content_disposition");
        var claim = url.Claim with
        {
            Parameters = toSeq((url.Claim.Parameters + own.All + more.All.Map(p => p with { Name = names[(int)((uint)which % (uint)names.Count)] })).DistinctBy(p => p.Name).ToArray()),
        };
        var signed = Presign.UrlOf(SigningKey.FromSecret(url.Secret), "", claim);
        var levelled = NarrowingLaws.Written(url, url.Levels.Map(one => one.Text).Add(level.Text));
        return (Agrees(url.Ring, use.At, signed, url.Method) && Agrees(url.Ring, use.At, levelled, url.Method))
            .Classify(Presign.Explain(url.Ring, use.At, signed, url.Method).Refusals.Count > 1, "several refusals");
    }

    [Property]
    public bool It_agrees_about_what_a_download_may_answer_with(Hostile type, Words disposition, Use use)
    {
        var claim = new Claim("GET", $"/files/{Guid.Empty}", new(Link.LastExpiry), Seq(
            new SignedParameter("response_content_type", type.Text), new SignedParameter("response_content_disposition", disposition.Text)));
        return Agrees(KeyRing.OfSecret("a secret"), use.At with { Epoch = 0 }, Presign.UrlOf(SigningKey.FromSecret("a secret"), "", claim), "GET");
    }

    [Property(MaxTest = 300)]
    public bool No_text_makes_it_throw_and_no_signature_or_secret_is_in_what_it_says(RuledUrl url, Secret secret, Hostile strange, Hostile method, Use use, int at)
    {
        var own = url with { Secret = secret.Text };
        var sig = own.Wide[(own.Wide.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        return Seq(strange.Text, own.Wide, own.Wide.WithOneChanged(at, strange.Text.FirstOrDefault('/')), $"https://{strange.Text}", $"https://a.example{own.Wide}#{strange.Text}")
            .ForAll(target => Seq(Some(method.Text), Some(own.Method), None).ForAll(one => Presign.Explain(own.Ring, use.At, target, one) is var explained
                && !$"{explained}{explained.Refusals.Map(refusal => $"{refusal}{refusal.Error.Message}")}".Contains(secret.Text, StringComparison.Ordinal)
                && !$"{explained}".Contains(sig, StringComparison.Ordinal)));
    }

    [Property]
    public bool Without_a_method_it_takes_the_one_that_was_signed_and_an_origin_changes_nothing(RuledUrl url, Use use)
    {
        var (open, absolute) = (Presign.Explain(url.Ring, use.At, url.Target, None), Presign.Explain(url.Ring, use.At, $"https://blobs.example.com:8443{url.Target}#top", None));
        return open.Method == url.Method && open.SignedFor == (url.Method == "GET" ? Seq("GET", "HEAD") : Seq1(url.Method))
            && open.Refusals == Presign.Explain(url.Ring, use.At, url.Target, url.Method).Refusals && absolute.Refusals == open.Refusals
            && open.Says.Exists(says => says.Action == url.Action && says.KeyId == url.Kid && says.Rules == url.Own && says.Levels == url.Levels.Map(level => level.Rules));
    }

    [Fact]
    public void It_lists_all_that_refuses_and_not_only_the_first()
    {
        var url = new RuledUrl("secret", "", 0, BlobAction.Download, Guid.Empty, 10, Empty, Empty);
        var claim = url.Claim with { Parameters = Seq(new SignedParameter("mystery", "1"), new SignedParameter("max_size", "x"), new SignedParameter("client_ip", "192.0.2.7"), new SignedParameter("not_before", "50")) };
        var target = Presign.UrlOf(SigningKey.FromSecret("another"), "", claim).Replace("&sig=", "&chunks=1&sig=", StringComparison.Ordinal);
        Assert.Equal(
            "invalid_signature link_revoked link_expired unknown_parameter invalid_rule invalid_rule link_not_yet_valid client_not_allowed",
            string.Join(' ', Presign.Explain(KeyRing.OfSecret("secret"), new Circumstances(new(20), null, 1), target, "GET").Refusals.Map(refusal => refusal.Error.Code)));
    }

    private static string Hint(string url, string method, KeyRing? keys = null, long now = 0) =>
        Presign.Explain(keys ?? KeyRing.OfSecret("a secret"), new Circumstances(new(now)), url, method).Refusals.HeadOrNone().Bind(refusal => refusal.Hint).IfNone("");

    [Fact]
    public void The_usual_reasons_are_told()
    {
        var (sig, named) = (Url[(Url.IndexOf("sig=", StringComparison.Ordinal) + 4)..], KeyRing.Of(new NamedKey("k2", SigningKey.FromSecret("a secret"), new(5)), NamedKey.Default(SigningKey.FromSecret("the older"))));
        var three = Seq(8, 7, 6).Fold(Url, (url, bytes) => Narrowing.Narrow(url, new Rule.MaxSize(bytes)).RightOrThrow());
        var read = new RuledUrl("a secret", "", 0, BlobAction.Download, Guid.Parse("01996168-e738-7552-9662-2041482b96c3"), 900, Empty, Empty).Wide;

        Assert.Equal("it was signed for POST", Hint(Url, "PUT"));
        Assert.Equal("it was signed for POST on the same path in other upper and lower case", Hint(Url.Replace("/b/", "/B/", StringComparison.Ordinal), "POST"));
        Assert.Equal("it was signed for GET on /b/01996168-e738-7552-9662-2041482b96c3", Hint(read.Replace("2041482b96c3?", "2041482b96c3/chunks?", StringComparison.Ordinal), "GET"));
        Assert.Equal("sig has lost its padding, the = at its end", Hint(Url.TrimEnd('='), "POST"));
        Assert.Equal("sig is percent-encoded twice", Hint(Url.TrimEnd('=') + "%253D", "POST"));
        Assert.Equal("the parameter utm_source was added after it was signed", Hint(Url + "&utm_source=mail", "POST"));
        Assert.Equal("it has more than 8 levels", Hint(Url + $"&narrow={new string('~', 8)}", "POST"));
        Assert.Equal("the query of a narrowed URL has more than 4096 bytes", Hint(Url + $"&narrow={new string('a', 4096)}", "POST"));
        Assert.Equal("&amp; is HTML; in a URL it is &", Hint(Url.Replace("&", "&amp;", StringComparison.Ordinal), "POST"));
        Assert.Equal("a parameter stands twice", Hint($"{Url}&sig={sig}", "POST"));
        Assert.Equal("sig is missing: in a shell a URL needs quotes, as & ends a command", Hint(Url.Split('&')[0], "POST"));
        Assert.Equal("there is no key k3 here", Hint(Url.Replace("&sig", "&kid=k3&sig", StringComparison.Ordinal), "POST"));
        Assert.Equal("key k2 ended at 5 (Unix seconds)", Hint(Url.Replace("&sig", "&kid=k2&sig", StringComparison.Ordinal), "POST", named, 6));
        Assert.Equal("it was signed with the key k2, which it does not name", Hint(Url, "POST", named));
        Assert.Equal("its signature is that of its first 0 levels: what follows was added without being signed", Hint(Url + "&narrow=max_size%3D1", "POST"));
        Assert.Equal("its levels stand in another order than they were signed in", Hint(three.Replace("%3D8~max_size%3D7", "%3D7~max_size%3D8", StringComparison.Ordinal), "POST"));
        Assert.Contains("a level that was changed, dropped or moved", Hint(three.Replace("max_size%3D8~", "", StringComparison.Ordinal), "POST"), StringComparison.Ordinal);
        Assert.Contains("all levels of a narrowed URL dropped", Hint(Url[..(Url.Length - 44)] + three[(three.Length - 44)..], "POST"), StringComparison.Ordinal);
        Assert.Equal("the path ends with a slash", Hint(Url.Replace("?", "/?", StringComparison.Ordinal), "POST"));
    }

    [Fact]
    public void Without_a_method_the_one_is_judged_for_which_it_can_be_told_why_or_which_all_rules_fit()
    {
        Explanation Explain(string url) => Presign.Explain(KeyRing.OfSecret("a secret"), new Circumstances(new(0)), url, None);

        Assert.Equal("POST", Explain(Url + "&min_size=1").Method);
        Assert.Equal("the parameter min_size was added after it was signed", Explain(Url + "&min_size=1").Refusals.Head.Hint.IfNone(""));
        var forged = Explain(Presign.UrlOf(
            SigningKey.FromSecret("another"), "", new("POST", $"/b/{Guid.Empty}", new(900), Seq1(new SignedParameter("max_size", "1")))));
        Assert.Equal("POST", forged.Method);
        Assert.DoesNotContain(forged.Refusals, refusal => refusal.Error is StoreError.InvalidRule);
    }

    [Property]
    public bool Plain_base64_is_told_from_base64url(RuledUrl any)
    {
        var url = any with { Kid = "", Levels = Empty };
        var (plain, sig) = (url.Wide.Split("sig=")[0], url.Wide.Split("sig=")[1]);
        var spelled = sig.Replace('-', '+').Replace('_', '/');
        return spelled == sig || (Hint($"{plain}sig={spelled}", url.Method, url.Ring).StartsWith("sig is plain base64", StringComparison.Ordinal)
            && Hint($"{plain}sig={spelled.Replace("+", "%20", StringComparison.Ordinal)}", url.Method, url.Ring).StartsWith("sig is plain base64", StringComparison.Ordinal));
    }
}
