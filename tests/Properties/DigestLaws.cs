using System.Security.Cryptography;
using System.Text;

namespace Borderless.Tests.Properties;

public sealed class DigestLaws
{
    [Property]
    public bool Two_are_equal_exactly_when_their_bytes_are(byte[] left, byte[] right)
    {
        var (a, b) = (Digest.From(SHA256.HashData(left)), Digest.From(SHA256.HashData(right)));
        return a.Equals(b) == left.SequenceEqual(right) && a.Equals(Digest.From(a.Bytes)) && a.GetHashCode() == Digest.From(a.Bytes).GetHashCode();
    }

    /// <summary>The digest of "abc" stands in FIPS 180-2, appendix B.1.</summary>
    [Fact]
    public void It_is_written_in_lower_case_hexadecimal() =>
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            Digest.From(SHA256.HashData(Encoding.ASCII.GetBytes("abc"))).ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Another_length_is_none(int length) => Assert.Throws<ArgumentException>(() => Digest.From(new byte[length]));
}
