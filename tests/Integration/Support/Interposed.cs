using System.Reflection;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>The index, where something happens after the first call of a method and before its result is seen.</summary>
#pragma warning disable CA1852 // The proxy is a subtype made at run time.
internal class Interposed : DispatchProxy
#pragma warning restore CA1852
{
    private IIndex index = null!;
    private string method = "";
    private Action? happens;

    public static IIndex Between(IIndex index, string method, Action happens)
    {
        var proxy = Create<IIndex, Interposed>();
        var interposed = (Interposed)(object)proxy;
        (interposed.index, interposed.method, interposed.happens) = (index, method, happens);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.Invoke(index, args);
        if (targetMethod.Name == method && Interlocked.Exchange(ref happens, null) is { } once)
        {
            once();
        }

        return result;
    }
}
