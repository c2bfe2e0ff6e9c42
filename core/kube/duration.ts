const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The age of something that happened at `timestamp` (a Kubernetes Time), as a Table shows it at `now` (ms since the epoch). */
export function age(timestamp: string | null | undefined, now: number): string {
  const then = timestamp ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}

/** A duration in the two largest units that matter, as kubectl prints ages (k8s.io/apimachinery/pkg/util/duration HumanDuration). */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  // Clocks differ a little: up to two seconds into the future still count as now.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (years < 8) return two(years, 'y', days % 365, 'd');
  return `${years}y`;
}

const two = (large: number, unit: string, small: number, smallUnit: string) => (small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`);
