/** How the scores that a plugin gave to all nodes on which a pod can run become 0 to 100 (ScoreExtensions.NormalizeScore), in place. Whole numbers, as in Go. */

const MAX_NODE_SCORE = 100;

/** In proportion to the highest (helper.DefaultNormalizeScore). */
export function proportional(scores: Float64Array): void {
  const max = maxOf(scores);
  if (max === 0) return;
  for (let i = 0; i < scores.length; i++) scores[i] = Math.trunc((MAX_NODE_SCORE * scores[i]!) / max);
}

/** The same, where more is worse. */
export function reversed(scores: Float64Array): void {
  const max = maxOf(scores);
  for (let i = 0; i < scores.length; i++) scores[i] = max === 0 ? MAX_NODE_SCORE : MAX_NODE_SCORE - Math.trunc((MAX_NODE_SCORE * scores[i]!) / max);
}

/** Between the lowest and the highest, whatever their signs (interpodaffinity, NormalizeScore). */
export function betweenExtremes(scores: Float64Array): void {
  const max = maxOf(scores);
  let min = Number.POSITIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i]! < min) min = scores[i]!;
  for (let i = 0; i < scores.length; i++) scores[i] = max > min ? Math.trunc(MAX_NODE_SCORE * ((scores[i]! - min) / (max - min))) : 0;
}

function maxOf(scores: Float64Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > max) max = scores[i]!;
  return max;
}
