// The waveform of an audio file: decoded once by the browser, then kept for as long as the page is open.

export const WAVEFORM_MAX_BYTES = 10_000_000;
const BARS = 56;
const known = new Map<string, Promise<Waveform | null>>();

export interface Waveform {
  /** From 0 to 1, one a bar. */
  peaks: number[];
  /** Seconds. */
  length: number;
}

/** Return the waveform, or null for a file that is too large or cannot be decoded. */
export function waveformOf(address: string): Promise<Waveform | null> {
  const before = known.get(address);
  if (before) return before;
  const found = decoded(address).catch(() => null);
  known.set(address, found);
  return found;
}

/** The loudest sample of each part, as a share of the loudest of all. */
export function peaksOf(samples: ArrayLike<number>, bars: number): number[] {
  const size = samples.length / bars;
  const peaks = Array.from({ length: bars }, (_, bar) => {
    let peak = 0;
    // A few hundred samples a bar show its loudness as well as all of them.
    const step = Math.max(1, Math.floor(size / 400));
    for (let at = Math.floor(bar * size); at < Math.floor((bar + 1) * size); at += step)
      peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return peak;
  });
  const loudest = Math.max(...peaks);
  return loudest > 0 ? peaks.map((peak) => peak / loudest) : peaks;
}

async function decoded(address: string): Promise<Waveform | null> {
  const response = await fetch(address);
  if (!response.ok || Number(response.headers.get("Content-Length") ?? 0) > WAVEFORM_MAX_BYTES) {
    await response.body?.cancel();
    return null;
  }
  const bytes = await response.arrayBuffer();
  const audio = await new OfflineAudioContext(1, 1, 22_050).decodeAudioData(bytes);
  return { peaks: peaksOf(audio.getChannelData(0), BARS), length: audio.duration };
}
