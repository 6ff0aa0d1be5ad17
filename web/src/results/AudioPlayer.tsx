// A player with the waveform of the file itself. The part that was played has the colour of audio.

import { Pause, Play } from "lucide-react";
import { useEffect, useRef, useState, type CSSProperties, type ReactElement } from "react";

import { words } from "../words";
import "./results.css";
import { addressOf, type FileEntry } from "./files";
import { waveformOf, type Waveform } from "./waveform";

const FLAT: number[] = Array.from({ length: 56 }, () => 0.12);

export function AudioPlayer({ file }: { file: FileEntry }): ReactElement {
  const address = addressOf(file.url);
  const audio = useRef<HTMLAudioElement>(null);
  const [waveform, setWaveform] = useState<Waveform | null>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState<number | null>(null);
  const [isBroken, setIsBroken] = useState(false);

  useEffect(() => {
    let isShown = true;
    void waveformOf(address).then((found) => isShown && setWaveform(found));
    return () => {
      isShown = false;
    };
  }, [address]);

  const seconds = length ?? waveform?.length ?? null;
  const played = seconds ? at / seconds : 0;
  const toggle = (): void => {
    const element = audio.current;
    if (!element) return;
    if (element.paused) void element.play().catch(() => setIsBroken(true));
    else element.pause();
  };
  const seek = (part: number): void => {
    if (audio.current && seconds) audio.current.currentTime = part * seconds;
  };

  return (
    <div className="result-audio nodrag nopan">
      <audio
        ref={audio}
        src={address}
        preload="metadata"
        onLoadedMetadata={(event) => Number.isFinite(event.currentTarget.duration) && setLength(event.currentTarget.duration)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onPlay={() => setIsPlaying(true)}
        onPause={() => setIsPlaying(false)}
        onEnded={() => setAt(0)}
        onError={() => setIsBroken(true)}
      />
      <button type="button" className="result-play" aria-label={isPlaying ? words.results.pause : words.results.play} onClick={toggle} disabled={isBroken}>
        {isPlaying ? <Pause /> : <Play />}
      </button>
      {isBroken ? (
        <span className="result-note">{words.results.cannotPlay}</span>
      ) : (
        <Wave peaks={waveform?.peaks ?? FLAT} played={played} seconds={seconds} at={at} onSeek={seek} />
      )}
      <span className="mono result-time">{clock(at > 0 ? at : (seconds ?? 0))}</span>
    </div>
  );
}

interface WaveProps {
  peaks: number[];
  played: number;
  seconds: number | null;
  at: number;
  onSeek: (part: number) => void;
}

function Wave({ peaks, played, seconds, at, onSeek }: WaveProps): ReactElement {
  return (
    <span className="result-wave" style={{ "--played": `${played * 100}%` } as CSSProperties}>
      <svg viewBox={`0 0 ${peaks.length * 3} 28`} preserveAspectRatio="none" aria-hidden>
        {peaks.map((peak, bar) => {
          const height = Math.max(2, peak * 28);
          const isPlayed = bar / peaks.length < played;
          return (
            <rect key={bar} className={isPlayed ? "result-wave-played" : ""} x={bar * 3} y={(28 - height) / 2} width="1.8" height={height} rx="0.9" />
          );
        })}
      </svg>
      <input
        type="range"
        aria-label={words.results.position}
        aria-valuetext={clock(at)}
        min={0}
        max={seconds ?? 1}
        step="any"
        value={at}
        onChange={(event) => onSeek(Number(event.target.value) / (seconds ?? 1))}
      />
    </span>
  );
}

/** `0:48`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
