const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };

/** Go's durations are 64-bit numbers of nanoseconds. */
const MAX_DURATION = 2 ** 63 / 1e6;

/** A duration as Go writes it, `1h30m` or `-1.5s`, in milliseconds (time.ParseDuration); undefined when it is none. */
export function parseGoDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0;
  const parts = [...unsigned.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|m|us|µs|μs|ns|s)/gy)];
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0);
  const whole = parts.length > 0 && parts.reduce((length, [part]) => length + part.length, 0) === unsigned.length;
  if (!whole || ms >= MAX_DURATION) return undefined;
  return text.startsWith('-') ? -ms : ms;
}

/** A duration of whole milliseconds as Go prints it, `200ms`, `1.25s`, `5m0s` or `1h0m0s` (time.Duration's String). */
export function goDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  const [hours, minutes] = [Math.floor(ms / UNITS['h']!), Math.floor(ms / UNITS['m']!) % 60];
  const seconds = `${(ms % UNITS['m']!) / UNITS['s']!}s`;
  return hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
