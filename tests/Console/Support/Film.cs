using System.Buffers.Binary;
using System.Text;

namespace Borderless.Tests.Console.Support;

/// <summary>
/// A WebM file (RFC 9559 in EBML, RFC 8794) of pictures that the browser encoded: a second each, all key frames, with an index, and with so much
/// room before the last ones that a player must ask for a range to get there.
/// </summary>
internal static class Film
{
    public const int Seconds = 40;

    private const int RoomAt = 30;
    private const int Room = 16 << 20;

    /// <summary>The colour of the picture of a second, in degrees of the circle.</summary>
    public static int HueAt(int second) => second * 9;

    /// <summary>Encodes the pictures in a page and puts them into a file.</summary>
    public static async Task<byte[]> Make(IPage page)
    {
        var frames = await page.EvaluateAsync<string[]>(
            """
            async seconds => {
              const frames = [];
              const encoder = new VideoEncoder({
                output: chunk => {
                  const bytes = new Uint8Array(chunk.byteLength);
                  chunk.copyTo(bytes);
                  frames.push(btoa(String.fromCharCode(...bytes)));
                },
                error: error => { throw error; },
              });
              encoder.configure({ codec: "vp8", width: 320, height: 180 });
              const canvas = new OffscreenCanvas(320, 180);
              const context = canvas.getContext("2d");
              for (let second = 0; second < seconds; second++) {
                context.fillStyle = `hsl(${second * 9} 60% 45%)`;
                context.fillRect(0, 0, 320, 180);
                context.fillStyle = "white";
                context.font = "bold 90px sans-serif";
                context.fillText(String(second), 110, 120);
                const frame = new VideoFrame(canvas, { timestamp: second * 1e6 });
                encoder.encode(frame, { keyFrame: true });
                frame.close();
              }
              await encoder.flush();
              return frames;
            }
            """,
            Seconds);
        return File([.. frames.Select(Convert.FromBase64String)]);
    }

    private static byte[] File(IReadOnlyList<byte[]> frames)
    {
        var clusters = frames.Select((frame, second) => Cluster(second, frame)).ToList();
        byte[] before = [.. Info(frames.Count), .. Tracks()];
        var positions = new List<long>();
        var at = before.Length + (long)Cues(new long[frames.Count]).Length;
        foreach (var cluster in clusters)
        {
            positions.Add(at);
            at += cluster.Length;
        }

        return
        [
            .. Element(0x1A45DFA3, Element(0x4282, "webm"u8.ToArray()), Element(0x4287, [2]), Element(0x4285, [2])),
            .. Element(0x18538067, [before, Cues(positions), .. clusters]),
        ];
    }

    private static byte[] Info(int seconds)
    {
        var duration = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(duration, seconds * 1000.0);
        return Element(0x1549A966, Element(0x2AD7B1, Number(1_000_000)), Element(0x4489, duration), Element(0x4D80, "test"u8.ToArray()), Element(0x5741, "test"u8.ToArray()));
    }

    private static byte[] Tracks() => Element(0x1654AE6B, Element(
        0xAE,
        Element(0xD7, [1]), Element(0x73C5, [1]), Element(0x83, [1]), Element(0x86, Encoding.ASCII.GetBytes("V_VP8")), Element(0x23E383, Number(1_000_000_000)),
        Element(0xE0, Element(0xB0, Number(320)), Element(0xBA, Number(180)))));

    private static byte[] Cues(IReadOnlyList<long> positions) => Element(
        0x1C53BB6B,
        [.. positions.Select((position, second) => Element(
            0xBB, Element(0xB3, Number(second * 1000)), Element(0xB7, Element(0xF7, [1]), Element(0xF1, Number(position)))))]);

    /// <summary>A second: its time, its picture, and room (a Void element).</summary>
    private static byte[] Cluster(int second, byte[] frame) =>
        Element(0x1F43B675, Element(0xE7, Number(second * 1000)), Element(0xA3, [0x81, 0, 0, 0x80, .. frame]), Element(0xEC, new byte[second == RoomAt ? Room : 0]));

    /// <summary>Eight bytes, whatever the number, so that positions do not move what they tell.</summary>
    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>An id, a length in eight bytes, and the content.</summary>
    private static byte[] Element(uint id, params byte[][] content)
    {
        var length = Number(content.Sum(part => (long)part.Length));
        length[0] = 1;
        return [.. Number(id).SkipWhile(part => part == 0), .. length, .. content.SelectMany(part => part)];
    }
}
