namespace Borderless.Tests.Integration.Network;

/// <summary>What a bad network does to a connection.</summary>
public enum Fault
{
    /// <summary>No further byte is taken or given in this direction; the other one lives on.</summary>
    Stalls,

    /// <summary>This direction ends as if its sender had finished, and what still comes is swallowed.</summary>
    CutsHalf,

    /// <summary>Both ends are told that the other has finished.</summary>
    Cuts,

    /// <summary>Both ends see a reset.</summary>
    Resets,

    /// <summary>Bytes travel one at a time for a while.</summary>
    Trickles,

    /// <summary>A second connection to the server gets all bytes that the first got, and gets.</summary>
    Duplicates,
}

/// <summary>In which direction.</summary>
public enum Way
{
    ToServer,
    ToClient,
}

/// <summary>What happens to one connection, once so many bytes have travelled in a direction.</summary>
internal sealed record Mishap(Fault Fault, Way Way, long After)
{
    /// <summary>So many bytes then travel alone.</summary>
    public const int Trickled = 2_000;

    /// <summary>Whether the bytes after it never arrive.</summary>
    public bool Loses => Fault is Fault.Stalls or Fault.CutsHalf or Fault.Cuts or Fault.Resets;

    /// <summary>Every fourth time nothing, else any fault.</summary>
    public static Mishap? Sometimes(Random random, int within) => random.Next(4) == 0 ? null : Any(random, within);

    /// <summary>Any fault, within about so many bytes.</summary>
    public static Mishap Any(Random random, int within)
    {
        var fault = (Fault)random.Next((int)Fault.Duplicates + 1);

        // Half of all within a head, for most that is sent is short, and all answers to uploads are.
        var after = random.Next(2) == 0 ? random.Next(400) : random.Next(within);
        return new Mishap(fault, fault == Fault.Duplicates || random.Next(2) == 0 ? Way.ToServer : Way.ToClient, after);
    }
}
