import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ffmpegLevels, findFfmpeg } from "../../server/adapters/media/ffmpeg.ts";
import { Inspectors } from "../../server/adapters/media/inspectors.ts";
import { estimatedWaveform, waveformOf } from "../../server/adapters/media/levels.ts";
import type { Outcome } from "../../server/adapters/media/tasks.ts";
import { note, recording, silence, wav } from "../support/recordings.ts";

describe("recordings", function () {
  this.timeout(20_000);
  const inspectors = new Inspectors();
  const folder = mkdtempSync(join(tmpdir(), "twinship-recordings-"));
  after(() => {
    inspectors.stop();
    rmSync(folder, { recursive: true });
  });

  function look(file: Buffer, contentType: string): Promise<Outcome> {
    writeFileSync(join(folder, "original"), file);
    return inspectors.inspect({ folder, purpose: "voice", contentType });
  }

  async function fit(file: Buffer, contentType: string) {
    const outcome = await look(file, contentType);
    assert.ok(outcome.isFit, JSON.stringify(outcome));
    const { waveform, durationMs } = outcome.facts;
    assert.ok(waveform && durationMs);
    assert.equal(waveform.length, 64);
    for (const height of waveform) assert.ok(Number.isInteger(height) && height >= 0 && height <= 100, `${height}`);
    return { ...outcome.facts, waveform, durationMs };
  }

  async function refusal(file: Buffer, contentType: string): Promise<string> {
    const outcome = await look(file, contentType);
    assert.ok(!outcome.isFit, "it is taken");
    return `${outcome.code}: ${outcome.reason}`;
  }

  /** Loud, hardly to be heard, and loud again. */
  function assertLoudQuietLoud(waveform: readonly number[]): void {
    const [first, middle, last] = [waveform.slice(2, 19), waveform.slice(24, 40), waveform.slice(45, 62)];
    assert.ok(Math.min(...first, ...last) > 60, `${waveform}`);
    assert.ok(Math.max(...middle) < 20, `${waveform}`);
  }

  for (const [name, type] of [
    ["voice.ogg", "audio/ogg"],
    ["voice.webm", "audio/webm"],
    ["voice-live.webm", "audio/webm"],
    ["voice.mp3", "audio/mpeg"],
  ] as const)
    it(`[MX8] ${name} is decoded: how long it is, and how loud where, at 64 places`, async () => {
      const { durationMs, waveform, contentType } = await fit(recording(name), type);
      assert.ok(Math.abs(durationMs - 3000) < 150, `${durationMs}`);
      assertLoudQuietLoud(waveform);
      assert.equal(contentType, type);
      const kept = readFileSync(join(folder, "voice"));
      assert.deepEqual((await fit(kept, type)).waveform, waveform);
    });

  for (const [name, type] of [
    ["voice.m4a", "audio/mp4"],
    ["voice.m4a", "audio/x-m4a"],
    ["voice-in-fragments.m4a", "audio/mp4"],
    ["voice-vorbis.ogg", "audio/ogg"],
  ] as const)
    it(`[MX9] ${name} as ${type} has its length from its container, and a waveform also where nothing decodes it`, async () => {
      const { durationMs, waveform } = await fit(recording(name), type);
      assert.ok(Math.abs(durationMs - 3000) < 150, `${durationMs}`);
      assert.equal(Math.max(...waveform), 100);
    });

  it("[MX9] what is estimated follows the bytes: more where a codec needed more", () => {
    const waveform = estimatedWaveform([...Array(100).fill(90), ...Array(100).fill(10), ...Array(100).fill(50)]);
    assert.deepEqual([waveform[0], waveform[32], waveform[63]], [100, 0, 50]);
    assert.deepEqual(new Set(estimatedWaveform([7, 7, 7])), new Set([0]));
  });

  it("[MX9] where there is an ffmpeg it decodes, is given that file only, and its failure is the file's", async () => {
    const program = join(folder, "ffmpeg");
    const pcm = wav({ seconds: 3, rate: 8000, sample: (at) => (at >= 1 && at < 2 ? 0.01 : 1) * note(at) }).subarray(44);
    writeFileSync(join(folder, "pcm"), pcm);
    writeFileSync(program, `#!/bin/sh\necho "$@" > "${folder}/asked"\ncat "${folder}/pcm"\n`);
    chmodSync(program, 0o755);
    assert.equal(await findFfmpeg(["/nowhere", folder]), program);
    assert.equal(await findFfmpeg(["/nowhere"]), undefined);
    const levels = await ffmpegLevels(program, "/some/file");
    assert.equal(levels.durationMs, 3000);
    assertLoudQuietLoud(levels.waveform());
    const asked = readFileSync(join(folder, "asked"), "utf8");
    assert.match(asked, /-protocol_whitelist file,pipe -i file:\/some\/file /);
    writeFileSync(program, "#!/bin/sh\nexit 1\n");
    await assert.rejects(ffmpegLevels(program, "/some/file"), { code: "MEDIA_REFUSED" });
  });

  for (const [what, form] of [
    ["16 bits", { bits: 16 }],
    ["8 bits", { bits: 8 }],
    ["24 bits, stereo", { bits: 24, channels: 2 }],
    ["32 bits at 48 kHz", { bits: 32, rate: 48_000 }],
  ] as const)
    it(`[MX8] a WAV of ${what} is heard as it is`, async () => {
      const sample = (at: number) => (at >= 1 && at < 2 ? 0.02 : 0.5) * note(at);
      const { durationMs, waveform } = await fit(wav({ seconds: 3, sample, ...form }), "audio/wav");
      assert.equal(durationMs, 3000);
      assertLoudQuietLoud(waveform);
    });

  it("[MX8] silence is 64 noughts, and noise is loud all along", async () => {
    const { waveform, durationMs } = await fit(wav({ seconds: 2, sample: silence }), "audio/wav");
    assert.deepEqual([waveform, durationMs], [Array(64).fill(0), 2000]);
    const noisy = wav({ seconds: 2, sample: (at) => Math.sin(at * at * 1e7) });
    assert.ok(Math.min(...(await fit(noisy, "audio/x-wav")).waveform) > 70);
    assert.deepEqual(waveformOf([]), Array(64).fill(0));
  });

  it("[MX10] a tap that was let go is refused; a twentieth of a second is a recording", async () => {
    assert.match(await refusal(wav({ seconds: 0, sample: silence }), "audio/wav"), /^MEDIA_REFUSED: There is nothing/);
    assert.equal((await fit(wav({ seconds: 0.05, sample: note }), "audio/wav")).durationMs, 50);
    const webm = recording("voice-live.webm");
    const cluster = webm.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
    assert.match(await refusal(webm.subarray(0, cluster), "audio/webm"), /^MEDIA_REFUSED: There is nothing/);
  });

  it("[MX10] more than three minutes are refused, and the half second in which a recorder stops is not", async () => {
    const long = (seconds: number) => wav({ seconds, rate: 8000, bits: 8, sample: silence });
    assert.match(await refusal(long(181), "audio/wav"), /^MEDIA_REFUSED: A recording may be 3 minutes long/);
    assert.equal((await fit(long(180.4), "audio/wav")).durationMs, 180_400);
  });

  for (const name of ["voice.ogg", "voice.webm", "voice.m4a", "voice-in-fragments.m4a"])
    it(`[MX10] ${name} that ends in the middle is refused`, async () => {
      const type = name.endsWith("ogg") ? "audio/ogg" : name.endsWith("webm") ? "audio/webm" : "audio/mp4";
      const whole = recording(name);
      assert.match(await refusal(whole.subarray(0, whole.length / 2 - 3), type), /^MEDIA_REFUSED: /);
    });

  it("[MX6] a film is no recording, and a recording of another kind than announced is 415", async () => {
    assert.match(await refusal(recording("film.webm"), "audio/webm"), /^MEDIA_REFUSED: This is a film/);
    assert.match(await refusal(recording("film.mp4"), "audio/mp4"), /^MEDIA_REFUSED: This is a film/);
    assert.match(await refusal(recording("voice.mp3"), "audio/ogg"), /^UNSUPPORTED_MEDIA_TYPE: .*is audio\/mpeg$/);
    assert.match(await refusal(Buffer.from("RIFFxxxxWAVEbut no more"), "audio/wav"), /^MEDIA_REFUSED: /);
    assert.match(await refusal(Buffer.from("OggSbut no more of it"), "audio/ogg"), /^(?:MEDIA_REFUSED|UNSUPPORTED)/);
  });

  const words = "Anna's home, +52.5+013.4/";
  const framed = (head: Buffer | string, body = words) => Buffer.concat([Buffer.from(head), Buffer.from(body)]);
  const sized = (name: string) => framed(Buffer.from([0, 0, 0, 8 + words.length, ...Buffer.from(name, "latin1")]));
  const chunk = (name: string) =>
    framed(Buffer.from([...Buffer.from(name, "latin1"), words.length + 1, 0, 0, 0]), `${words} `);

  for (const [what, type, file] of [
    [
      "MP3 with two generations of tags",
      "audio/mpeg",
      () => {
        const newer = framed(Buffer.from([...Buffer.from("ID3\x04\0\0", "latin1"), 0, 0, 0, words.length]));
        const older = Buffer.concat([Buffer.from("TAG"), Buffer.from(words.padEnd(125))]);
        return Buffer.concat([newer, recording("voice.mp3"), older]);
      },
    ],
    [
      "M4A with boxes of its own",
      "audio/mp4",
      () => Buffer.concat([recording("voice.m4a"), sized("udta"), sized("meta"), sized("uuid")]),
    ],
    [
      "WAV with lists",
      "audio/wav",
      () => Buffer.concat([wav({ seconds: 1, sample: note }), chunk("LIST"), chunk("bext")]),
    ],
    [
      "WebM with tags and a cover",
      "audio/webm",
      () => {
        const size = 0x80 | words.length;
        const tags = framed(Buffer.from([0x12, 0x54, 0xc3, 0x67, size]));
        return Buffer.concat([recording("voice.webm"), tags, framed(Buffer.from([0x19, 0x41, 0xa4, 0x69, size]))]);
      },
    ],
  ] as const)
    it(`[MX11] of ${what} only the sound is left: no word of who made it where`, async () => {
      assert.ok(file().includes(words));
      const before = await fit(file(), type);
      const kept = readFileSync(join(folder, "voice"));
      assert.ok(!kept.includes(words));
      assert.equal(before.bytes, kept.length);
      if (type !== "audio/mpeg") assert.equal(kept.length, file().length, "nothing in it moves");
      assert.deepEqual(await fit(kept, type), before);
    });

  for (const name of ["voice.ogg", "voice-vorbis.ogg"])
    it(`[MX11] of ${name} the comments go, and every page is signed as it is then`, async () => {
      assert.ok(recording(name).includes("encoder="));
      const before = await fit(recording(name), "audio/ogg");
      const kept = readFileSync(join(folder, "voice"));
      assert.ok(!kept.includes("encoder="));
      assert.deepEqual(await fit(kept, "audio/ogg"), before);
      assert.deepEqual(pagesOf(recording(name)).map(isSigned), pagesOf(kept).map(isSigned));
      assert.ok(pagesOf(kept).every(isSigned));
    });

  const pagesOf = (file: Buffer): Buffer[] => {
    const starts: number[] = [];
    for (let at = file.indexOf("OggS"); at >= 0; at = file.indexOf("OggS", at + 4)) starts.push(at);
    return starts.map((at, n) => file.subarray(at, starts[n + 1] ?? file.length));
  };

  /** Bit by bit, as Ogg's specification has it. */
  function isSigned(page: Buffer): boolean {
    const bytes = Buffer.from(page);
    bytes.writeUInt32LE(0, 22);
    let crc = 0;
    for (const byte of bytes) {
      crc = (crc ^ (byte << 24)) >>> 0;
      for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1) >>> 0;
    }
    return crc === page.readUInt32LE(22);
  }

  it("[MX10] whatever is broken in them, they are refused or heard, and nothing falls over", async () => {
    const files = ["voice.ogg", "voice.webm", "voice.mp3", "voice.m4a"] as const;
    const types = ["audio/ogg", "audio/webm", "audio/mpeg", "audio/mp4"];
    for (const [n, name] of files.entries())
      for (let seed = 1; seed <= 25; seed++) {
        const file = Buffer.from(recording(name));
        for (let k = 0; k < 20; k++) file[(seed * 7919 + k * 104_729 * seed) % file.length] = (seed * k * 31) & 255;
        const outcome = await look(file, types[n] ?? "");
        if (!outcome.isFit) assert.match(outcome.code, /^(?:MEDIA_REFUSED|UNSUPPORTED_MEDIA_TYPE)$/);
        else assert.equal(outcome.facts.waveform?.length, 64);
      }
  });
});
