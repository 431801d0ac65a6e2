using System.Reflection;

namespace Borderless.Tests.Integration.Support;

/// <summary>The index, or a transaction of it, where something happens after a call of a method and before its result is seen.</summary>
#pragma warning disable CA1852 // The proxy is a subtype made at run time.
internal class Interposed : DispatchProxy
#pragma warning restore CA1852
{
    private object target = null!;
    private string method = "";
    private Action happens = () => { };

    /// <summary>It happens in the first call only.</summary>
    public static T Between<T>(T target, string method, Action happens)
        where T : class
    {
        var left = 1;
        return InEach(target, method, () =>
        {
            if (Interlocked.Exchange(ref left, 0) == 1)
            {
                happens();
            }
        });
    }

    /// <summary>It happens in every call.</summary>
    public static T InEach<T>(T target, string method, Action happens)
        where T : class
    {
        var proxy = Create<T, Interposed>();
        var interposed = (Interposed)(object)proxy;
        (interposed.target, interposed.method, interposed.happens) = (target, method, happens);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.Invoke(target, args);
        if (targetMethod.Name == method)
        {
            happens();
        }

        return result;
    }
}
