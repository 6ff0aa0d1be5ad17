// Money, times and sizes as people read them.

export function money(usd: number): string {
  if (usd >= 1 || usd === 0) return `$${usd.toFixed(usd === 0 ? 4 : 2)}`;
  const four = usd.toFixed(4);
  return `$${Number(four) === 0 || usd < 0.00095 ? smallMoney(usd) : four}`;
}

function smallMoney(usd: number): string {
  return usd.toFixed(Math.min(12, 1 - Math.floor(Math.log10(Math.abs(usd))))).replace(/(\.\d*?[1-9])0+$/, "$1");
}

/** `3.8 s`, from a minute on `1:52`, from an hour on `1:02:05`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `200k`, `1.05M`: tokens of a context. */
export function tokens(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(2))}M`;
  return count >= 1000 ? `${Math.round(count / 1000)}k` : String(count);
}

/** `12,000`. */
export const whole = (count: number): string => count.toLocaleString("en");

/** `1 token`, `12,000 tokens`: a count with the plural of its unit. */
export const counted = (count: number, unit: string): string => `${whole(count)} ${count === 1 ? unit.replace(/s$/, "") : unit}`;

export function bytes(count: number): string {
  if (count >= 1_000_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return count >= 1000 ? `${Math.round(count / 1000)} kB` : `${count} B`;
}

/** `14:02` today, `26 Nov, 14:02` this year, `26 Nov 2025` before. Takes milliseconds since 1970, or a date as text. */
export function dateTime(when: number | string, now: number = Date.now()): string {
  const [at, today] = [new Date(when), new Date(now)];
  if (Number.isNaN(at.getTime())) return "–";
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === today.toDateString()) return time;
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return at.getFullYear() === today.getFullYear() ? `${day}, ${time}` : `${day} ${at.getFullYear()}`;
}
