namespace Borderless.Tests.Properties;

public sealed class PipelineLaws
{
    [Property]
    public bool A_requirement_that_holds_goes_on_and_one_that_fails_ends_with_its_error(bool holds)
    {
        var asked = 0;
        StoreError Error()
        {
            asked++;
            return new StoreError.NoSuchBlob();
        }

        var outcome = Pipeline.Require(holds, Error);
        return outcome.Code() == (holds ? "ok" : "no_such_blob") && asked == (holds ? 0 : 1) && !outcome.IsBottom;
    }
}
