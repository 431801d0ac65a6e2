using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>An index that does something before and after each commit, and that something happens to in its transactions.</summary>
internal sealed class LyingIndex(IIndex index, Func<ITransaction, ITransaction> transaction, Action? before = null, Action? after = null) : PassingIndex(index)
{
    public override T Commit<T>(Func<ITransaction, T> work)
    {
        before?.Invoke();
        var result = base.Commit(tx => work(transaction(tx)));
        after?.Invoke();
        return result;
    }
}

/// <summary>Answers what the commit will make, and commits afterwards; as long as it does, it can do nothing else.</summary>
internal sealed class HastyIndex(IIndex index) : PassingIndex(index)
{
    private Action? promised;
    private bool keeping;

    public override T Commit<T>(Func<ITransaction, T> work)
    {
        Keep();
        T? result = default;
        try
        {
            _ = base.Commit<T>(tx =>
            {
                result = work(tx);
                throw new TimeoutException("only to see what would come of it");
            });
        }
        catch (TimeoutException)
        {
            promised = () => base.Commit(work);
            SynchronizationContext.Current?.Post(_ => Keep(), null);
        }

        return result!;
    }

    public override void Reopen()
    {
        Keep();
        base.Reopen();
    }

    private void Keep()
    {
        if (keeping)
        {
            throw new DiskException("commit", "simulated", Fate.EIO);
        }

        var now = promised;
        (promised, keeping) = (null, true);
        try
        {
            now?.Invoke();
        }
        catch (IOException error) when (error is not LifeEndedException)
        {
            // It has answered already, so nobody hears of it.
            base.Reopen();
        }
        finally
        {
            keeping = false;
        }
    }
}

/// <summary>Makes two commits of one: what the transaction puts off comes in the second.</summary>
internal sealed class SplittingIndex(IIndex index, Func<ITransaction, List<Action<ITransaction>>, ITransaction> split) : PassingIndex(index)
{
    public override T Commit<T>(Func<ITransaction, T> work)
    {
        var later = new List<Action<ITransaction>>();
        var result = base.Commit(tx => work(split(tx, later)));
        if (later.Count > 0)
        {
            _ = base.Commit(tx =>
            {
                later.Iter(action => action(tx));
                return unit;
            });
        }

        return result;
    }
}

/// <summary>Removes the files of a commit that failed, as if that meant that it did not happen.</summary>
internal sealed class RashIndex(IIndex index, Action<LandedPart> remove) : PassingIndex(index)
{
    public override T Commit<T>(Func<ITransaction, T> work)
    {
        var named = new List<LandedPart>();
        try
        {
            return base.Commit(tx => work(new Watched(tx, named)));
        }
        catch (DiskException)
        {
            named.Iter(remove);
            throw;
        }
    }

    private sealed class Watched(ITransaction tx, List<LandedPart> named) : PassingTransaction(tx)
    {
        public override void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part)
        {
            base.PutBlob(bucket, blob, replaced, row, part);
            named.Add(part);
        }
    }
}

/// <summary>The chunks of a merge go in the second commit.</summary>
internal sealed class MergeInTwo(ITransaction tx, List<Action<ITransaction>> later) : PassingTransaction(tx)
{
    /// <summary>The second one may.</summary>
    public override bool MadeGarbage => true;

    public override void DeleteUpload(long upload) => later.Add(second => second.DeleteUpload(upload));
}

/// <summary>What is replaced goes in the first commit, what replaces it comes in the second.</summary>
internal sealed class OverwriteInTwo(ITransaction tx, List<Action<ITransaction>> later) : PassingTransaction(tx)
{
    private readonly List<LandedPart> comes = [];

    public override bool MadeGarbage => true;

    public override void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part)
    {
        if (replaced is null)
        {
            base.PutBlob(bucket, blob, replaced, row, part);
            return;
        }

        DeleteBlob(bucket, replaced);
        comes.Add(part);
        later.Add(second => second.PutBlob(bucket, blob, null, row, part));
    }

    public override bool Names(LandedPart part) => comes.Contains(part) || base.Names(part);
}

/// <summary>The files of garbage go before the commit that deletes their rows.</summary>
internal sealed class HastyRemoval(ITransaction tx, Action<GarbagePart> unlink) : PassingTransaction(tx)
{
    public override bool DeleteGarbage(GarbagePart part)
    {
        var deleted = base.DeleteGarbage(part);
        if (deleted)
        {
            unlink(part);
        }

        return deleted;
    }
}
