/** As many as a process has in use at once. */
const REMEMBERED = 1000;

/** Keeps a value, and forgets the oldest where there are too many: what clients name (clusters, tokens) would fill the memory. */
export function remember<K, T>(map: Map<K, T>, key: K, value: T): T {
  if (map.size >= REMEMBERED) map.delete(map.keys().next().value!);
  map.set(key, value);
  return value;
}
