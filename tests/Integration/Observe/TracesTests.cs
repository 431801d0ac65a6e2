using System.Diagnostics;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Observe;

namespace Borderless.Tests.Integration.Observe;

/// <summary>The spans of requests, as a listener in the process sees them.</summary>
[Collection(TracesAlone.Name)]
public sealed class TracesTests
{
    [Fact]
    public async Task An_upload_is_one_span_with_what_was_done_for_it()
    {
        using var spans = new Spans();
        await using var server = await TestServer.Start();
        var (trace, parent, header) = Spans.NewParent();
        var blob = Guid.CreateVersion7();

        using var answer = await server.Upload(blob, Answers.Bytes(70_000), header, ("x-request-id", "up-1"));

        var tree = await spans.Of(trace, parent);
        Assert.Equal(["POST /upload/{blob_id}", "commit", "hash", "receive", "send", "sync"], tree.Select(span => span.Name));
        Assert.All(tree.Skip(1), child => Assert.Equal(tree[0].Id, child.Parent));
        Assert.Equal($"00-{trace}-{tree[0].Id}-01", answer.Headers.GetValues("traceresponse").Single());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["http.request.method"] = "POST",
                ["http.route"] = "/upload/{blob_id}",
                ["url.path"] = $"/upload/{blob}",
                ["url.scheme"] = "http",
                ["http.response.status_code"] = "200",
                ["http.request.body.size"] = "70000",
                ["http.response.body.size"] = $"{answer.Content.Headers.ContentLength}",
                ["borderless.request_id"] = "up-1",
            },
            tree[0].Tags);
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains($"[up-1], trace {trace}", StringComparison.Ordinal)), "the log line names the trace");
    }

    [Fact]
    public async Task What_is_done_for_a_request_lies_within_it_and_in_its_order()
    {
        using var spans = new Spans();
        await using var server = await TestServer.Start();
        var (trace, parent, header) = Spans.NewParent();

        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(3_000_000), header).ShouldBeOk();

        var tree = await spans.Of(trace, parent);
        Assert.Equal(["POST /upload/{blob_id}", "commit", "hash", "receive", "send", "sync", "sync"], tree.Select(span => span.Name));
        var (commit, hash, receive, send, landing) = (tree[1], tree[2], tree[3], tree[4], tree.Skip(5).MaxBy(span => span.From)!);
        Assert.All(tree, span => Assert.True(span.From <= span.To));
        Assert.True(receive.From <= hash.From && receive.To <= landing.From && landing.To <= commit.From.AddMilliseconds(1) && commit.To <= send.From.AddMilliseconds(1));
        Assert.True(double.Parse(hash.Tags["borderless.busy_seconds"], null) <= (hash.To - hash.From).TotalSeconds + 0.001);
    }

    [Fact]
    public async Task Every_kind_of_request_has_the_steps_that_it_took()
    {
        using var spans = new Spans();
        await using var server = await TestServer.Start();
        var (kept, merged) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        Assert.Equal(
            ["POST /upload/{blob_id}", "commit", "hash", "receive", "send"], await Steps(header => server.Upload(kept, [1, 2, 3], header)));
        Assert.Equal(
            ["POST /upload/{blob_id}", "commit", "hash", "receive", "send", "sync"],
            await Steps(header => server.DoChunk("POST", $"/upload/{merged}", 1, 1, Answers.Bytes(70_000), header)));
        Assert.Equal(["POST /upload/{blob_id}", "commit", "hash", "send"], await Steps(header => server.Merge(merged, 1, header)));
        Assert.Equal(["GET /files/{blob_id}", "send"], await Steps(header => server.Do("GET", $"/files/{kept}", null, header)));
        Assert.Equal(["HEAD /files/{blob_id}", "send"], await Steps(header => server.Do("HEAD", $"/files/{kept}", null, header)));
        Assert.Equal(["DELETE /files/{blob_id}", "commit", "send"], await Steps(header => server.Do("DELETE", $"/files/{kept}", null, header)));
        Assert.Equal(["GET /{bucket}/{blob_id}", "send"], await Steps(header => server.Send(HttpMethod.Get, $"/b/{kept}?expires=1&sig=x", null, header)));
        Assert.Equal(["_OTHER", "send"], await Steps(header => server.Send(new HttpMethod("BREW"), "/pot", null, header)));

        async Task<IEnumerable<string>> Steps(Func<(string, string), Task<HttpResponseMessage>> send)
        {
            var (trace, parent, header) = Spans.NewParent();
            using var answer = await send(header);
            return (await spans.Of(trace, parent)).Select(span => span.Name);
        }
    }

    [Fact]
    public async Task A_refusal_says_its_code_and_no_span_holds_a_query_or_a_signature()
    {
        using var spans = new Spans();
        await using var server = await TestServer.Start();
        var (trace, parent, header) = Spans.NewParent();
        var blob = Guid.CreateVersion7();
        var late = server.Signed("GET", $"/files/{blob}", validFor: -1);

        _ = await server.Send(HttpMethod.Get, late, null, header).ShouldBeError(401, "link_expired");
        _ = await server.Upload(blob, [1], header).ShouldBeOk();
        (await RawClient.Ask(server, RawClient.Head("GET", $"http://store.test{late}", $"{header.Item1}: {header.Item2}"))).ShouldBeError(401, "link_expired");
        await Wait.Until(() => spans.Ended.Count(span => span.Trace == trace && span.Parent == parent) == 3, "all have ended");

        Assert.Equal("link_expired", Spans.Tree(spans.Ended, trace, parent)[0].Tags["borderless.code"]);
        var said = string.Join('\n', spans.Ended.SelectMany(span => span.Tags.Select(tag => $"{tag.Key}={tag.Value}").Append(span.Name)));
        Assert.Contains($"{blob}", said, StringComparison.Ordinal);
        Assert.All(["sig", "expires", "?", late.Split("sig=")[1]], word => Assert.DoesNotContain(word, said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01")]
    public async Task A_parent_that_is_none_begins_a_trace_of_its_own(string traceparent)
    {
        using var spans = new Spans();
        await using var server = await TestServer.Start();

        using var answer = await server.Send(HttpMethod.Get, "/healthz", null, ("traceparent", traceparent));

        var named = answer.Headers.GetValues("traceresponse").Single().Split('-');
        Assert.NotEqual(traceparent.Split('-').ElementAtOrDefault(1)?.ToUpperInvariant(), named[1].ToUpperInvariant());
        Assert.Equal("GET /healthz", (await spans.Of(named[1], new string('0', 16)))[0].Name);
    }

    [Fact]
    public async Task A_trace_that_is_not_recorded_has_no_steps()
    {
        using var spans = new Spans(ActivitySamplingResult.PropagationData);
        await using var server = await TestServer.Start();
        var (trace, parent, header) = Spans.NewParent();

        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(70_000), header).ShouldBeOk();

        Assert.Empty(Assert.Single(await spans.Of(trace, parent)).Tags);
    }

    [Fact]
    public async Task Without_a_listener_there_is_no_span_at_all()
    {
        await using var server = await TestServer.Start();
        var (trace, _, header) = Spans.NewParent();

        using var answer = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(70_000), header);
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("POST /upload/", StringComparison.Ordinal)), "the request is logged");

        Assert.False(Traces.Source.HasListeners());
        Assert.False(answer.Headers.Contains("traceresponse"));
        Assert.False(server.Log.WasTraced);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains(trace, StringComparison.Ordinal));
    }
}
