/**
 * The names of the revisions of a workload end in a hash of what they are made from. Kubernetes hashes a dump of Go structs, which
 * nothing else can repeat; this is FNV-1a of the JSON with sorted keys, printed in the same alphabet and length (rand.SafeEncodeString).
 */
export function templateHash(value: unknown, collisionCount = 0): string {
  let hash = 0x811c9dc5;
  const text = canonical(value) + (collisionCount ? `#${collisionCount}` : '');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    if (code > 0xff) hash = Math.imul(hash ^ (code >> 8), 0x01000193);
  }
  return [...String(hash >>> 0)].map((digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join('');
}

// No vowels, no look-alikes: no bad words.
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** JSON whose keys are in order, as Go's encoder writes maps; absent and null fields are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
