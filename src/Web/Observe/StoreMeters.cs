using System.Diagnostics.Metrics;
using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Observe;

/// <summary>
/// What is told of a store: what the committer took for its steps, and, read when it is asked for, what is counted in any case. None
/// of it costs more where more blobs are stored. What cannot be read now is left out.
/// </summary>
internal static class StoreMeters
{
    private static readonly double[] Durations =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly int[] Batches = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    private static readonly KeyValuePair<string, object?> OfBatch = new("of", "batch");
    private static readonly KeyValuePair<string, object?> OfBody = new("of", "body");

    public static void Add(Meter meter, Store store, IDisk disk, Flow flow, AuditLog audit, FindAilments ailments)
    {
        Commits(meter, store.Committer, flow);
        Counts(meter, store.Index);
        Files(meter, store, disk);
        Readiness(meter, ailments);
        _ = meter.CreateObservableCounter("borderless.audit.lost", () => audit.Lost, "{line}", "Lines of the audit log that could not be written.");
        _ = meter.CreateObservableCounter("borderless.damage.reports", () => store.Damage.Count, "{report}", "Times that a part was found missing or rotten.");
    }

    private static void Commits(Meter meter, Committer committer, Flow flow)
    {
        var batch = meter.CreateHistogram(
            "borderless.commit.batch.size", "{operation}", "Operations that one batch of the committer took.", null,
            new InstrumentAdvice<int> { HistogramBucketBoundaries = Batches });
        var sync = meter.CreateHistogram(
            "borderless.sync.duration", "s", "Time in which files were synced: those of a batch, with their names, or the bytes of a large body alone.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Durations });
        var commit = meter.CreateHistogram(
            "borderless.commit.duration", "s", "Time of the index transaction of a batch, with its sync.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Durations });
        _ = meter.CreateObservableGauge(
            "borderless.commit.queue.length", () => (long)committer.Waiting, "{operation}", "Operations that wait for the committer.");
        flow.BodySynced += took => sync.Record(took.TotalSeconds, OfBody);
        committer.Ran += times =>
        {
            batch.Record(times.Operations);
            if (times.Landing is { } landing)
            {
                sync.Record(landing.Took.TotalSeconds, OfBatch);
            }

            if (times.Commit is { } committing)
            {
                commit.Record(committing.Took.TotalSeconds);
            }
        };
    }

    private static void Counts(Meter meter, IIndexReader index)
    {
        var shared = new SharedReading<Counted>(() => Counted.Of(index));
        Gauge("borderless.buckets", "{bucket}", "Buckets.", counted => counted.Buckets);
        Gauge("borderless.objects", "{object}", "Blobs in all buckets.", counted => counted.Objects);
        Gauge("borderless.logical", "By", "Bytes of all blobs, as they were uploaded.", counted => counted.Logical);
        Gauge("borderless.stored", "By", "Bytes of all parts that blobs name, each once.", counted => counted.Totals.ContentBytes);
        Gauge("borderless.dedup.saved", "By", "Bytes that need no room because equal ones are stored.", counted => counted.Logical - counted.Totals.ContentBytes);
        Gauge("borderless.parts", "{part}", "Parts that blobs name, each once.", counted => counted.Totals.Contents);
        Gauge("borderless.waiting.chunks", "{chunk}", "Chunks that wait for their merge.", counted => counted.Totals.Chunks);
        Gauge("borderless.waiting", "By", "Bytes of chunks that wait for their merge.", counted => counted.Totals.ChunkBytes);

        void Gauge(string name, string unit, string description, Func<Counted, long> value) =>
            meter.CreateObservableGauge(name, shared.For(counted => [new Measurement<long>(value(counted))]), unit, description);
    }

    private static void Files(Meter meter, Store store, IDisk disk)
    {
        _ = meter.CreateObservableGauge(
            "borderless.index.size",
            () => Readings.OrNone(() =>
            [
                new(new FileInfo(store.Layout.IndexPath).Length, new KeyValuePair<string, object?>("file", "db")),
                new(store.LogBytes, new KeyValuePair<string, object?>("file", "wal")),
            ]),
            "By",
            "Length of the index's files.");
        var room = new SharedReading<DiskRoom>(() => disk.Room(store.Layout.Parts));
        _ = meter.CreateObservableGauge(
            "borderless.disk.free", room.For(all => [new Measurement<long>(all.FreeBytes)]), "By", "What is free of the file system of the parts.");
        _ = meter.CreateObservableGauge(
            "borderless.disk.size", room.For(all => [new Measurement<long>(all.Bytes)]), "By", "Size of the file system of the parts.");
        _ = meter.CreateObservableGauge(
            "borderless.disk.room",
            () => Readings.OrNone(() => [new(store.Space.Room())]),
            "By",
            "What uploads may take; below zero when what is kept free of them is in use.");
    }

    private static void Readiness(Meter meter, FindAilments find)
    {
        var shared = new SharedReading<Seq<Ailment>>(() => find());
        _ = meter.CreateObservableGauge(
            "borderless.ready", shared.For(ailments => [new Measurement<long>(ailments.IsEmpty ? 1 : 0)]), null, "Whether the store takes writes.");
        _ = meter.CreateObservableGauge(
            "borderless.ailment",
            shared.For(ailments => Ailments.All.Map(one =>
                new Measurement<long>(ailments.Exists(found => found == one) ? 1 : 0, new KeyValuePair<string, object?>("reason", Ailments.NameOf(one))))),
            null,
            "What keeps the store from taking writes, by the reason that readyz gives.");
    }

    private sealed record Counted(long Buckets, long Objects, long Logical, Totals Totals)
    {
        public static Counted Of(IIndexReader index)
        {
            var (buckets, totals) = index.Counts();
            return new Counted(buckets.Count, buckets.Sum(bucket => bucket.ObjectCount), buckets.Sum(bucket => bucket.TotalSize), totals);
        }
    }
}
