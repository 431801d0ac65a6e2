namespace Borderless.Tests.Properties;

/// <summary>The parsing algorithms of RFC 8941 section 4.2, step by step, one character at a time.</summary>
internal sealed class StructuredFields
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Alpha = Lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private readonly string text;
    private int at;

    private StructuredFields(string text) => this.text = text;

    private char Next => at < text.Length ? text[at] : '\uffff';

    /// <summary>The members of a dictionary by key, each as the text of its bare item; null where it is no dictionary.</summary>
    public static Dictionary<string, string>? Dictionary(string text)
    {
        try
        {
            var fields = new StructuredFields(text);
            fields.Skip(" ");
            var members = fields.Members();
            fields.Skip(" ");
            return fields.at == text.Length ? members : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private Dictionary<string, string> Members()
    {
        var members = new Dictionary<string, string>();
        while (at < text.Length)
        {
            var key = Key();
            members[key] = Take("=") ? Next == '(' ? InnerList() : BareItem() : "?1";
            Parameters();
            Skip(" \t");
            if (at == text.Length) return members;
            Expect(",");
            Skip(" \t");
            if (at == text.Length) throw new FormatException("a trailing comma");
        }

        return members;
    }

    private string InnerList()
    {
        Expect("(");
        while (true)
        {
            Skip(" ");
            if (Take(")")) return "()";
            BareItem();
            Parameters();
            if (Next is not (' ' or ')')) throw new FormatException("no end of the inner list");
        }
    }

    private void Parameters()
    {
        while (Take(";"))
        {
            Skip(" ");
            Key();
            if (Take("=")) BareItem();
        }
    }

    private string Key() => Expect(Lower + "*") + Run(Lower + Digits + "_-.*");

    private string BareItem() => Next switch
    {
        '"' => Text(),
        ':' => Expect(":") + Run(Alpha + Digits + "+/=") + Expect(":"),
        '?' => Expect("?") + Expect("01"),
        '-' => Expect("-") + Number(),
        >= '0' and <= '9' => Number(),
        _ => Expect(Alpha + "*") + Run(Alpha + Digits + "!#$%&'*+-.^_`|~:/"),
    };

    private string Number()
    {
        var whole = Expect(Digits) + Run(Digits);
        if (!Take(".")) return whole.Length <= 15 ? whole : throw new FormatException("a long integer");
        var fraction = Expect(Digits) + Run(Digits);
        return whole.Length <= 12 && fraction.Length <= 3 ? $"{whole}.{fraction}" : throw new FormatException("a long decimal");
    }

    private string Text()
    {
        Expect("\"");
        while (!Take("\""))
        {
            if (Take("\\")) Expect("\"\\");
            else if (Next is >= ' ' and <= '~') at++;
            else throw new FormatException("no character of a string");
        }

        return "\"";
    }

    private void Skip(string what) => Run(what);

    private string Run(string what)
    {
        var from = at;
        while (at < text.Length && what.Contains(text[at], StringComparison.Ordinal)) at++;
        return text[from..at];
    }

    private bool Take(string what) => at < text.Length && what.Contains(text[at], StringComparison.Ordinal) && at++ >= 0;

    private string Expect(string what) => Take(what) ? text[at - 1].ToString() : throw new FormatException($"none of {what}");
}
