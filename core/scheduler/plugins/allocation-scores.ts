/** What would be taken of a resource of a node with the pod on it. */
export interface ResourceUse {
  readonly weight: number;
  readonly capacity: number;
  readonly requested: number;
}

/** A node's score, 0 to 100, by what would be taken of its resources (ScoringStrategy of NodeResourcesFitArgs). Whole numbers, as in Go. */
export type AllocationScore = (uses: readonly ResourceUse[]) => number;

/** LeastAllocated: the more is left, the better. */
export const leastAllocated: AllocationScore = (uses) =>
  mean(uses, ({ requested, capacity }) => (requested > capacity ? 0 : Math.trunc(((capacity - requested) * 100) / capacity)));

/** MostAllocated: the less is left, the better, so that other nodes stay empty. */
export const mostAllocated: AllocationScore = (uses) => mean(uses, ({ requested, capacity }) => Math.trunc((Math.min(requested, capacity) * 100) / capacity));

export interface ShapePoint {
  /** In percent of the capacity. */
  readonly utilization: number;
  /** 0 to 10. */
  readonly score: number;
}

/** RequestedToCapacityRatio: a line through points that say how good it is to use so much of a resource. Points are in the order of their utilization. */
export const requestedToCapacityRatio =
  (shape: readonly ShapePoint[]): AllocationScore =>
  (uses) => {
    let sum = 0;
    let weights = 0;
    for (const { weight, requested, capacity } of uses) {
      const score = onLine(shape, requested > capacity ? 100 : Math.trunc((requested * 100) / capacity));
      // A resource that scores nothing does not count.
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };

/** helper.BuildBrokenLinearFunction */
function onLine(shape: readonly ShapePoint[], utilization: number): number {
  const scoreOf = ({ score }: ShapePoint) => score * 10;
  for (let i = 0; i < shape.length; i++) {
    const point = shape[i]!;
    if (utilization > point.utilization) continue;
    const before = shape[i - 1];
    if (!before) return scoreOf(point);
    const part = (scoreOf(point) - scoreOf(before)) * (utilization - before.utilization);
    return scoreOf(before) + Math.trunc(part / (point.utilization - before.utilization));
  }
  return scoreOf(shape.at(-1)!);
}

function mean(uses: readonly ResourceUse[], scoreOf: (use: ResourceUse) => number): number {
  let sum = 0;
  let weights = 0;
  for (const use of uses) {
    sum += scoreOf(use) * use.weight;
    weights += use.weight;
  }
  return weights === 0 ? 0 : Math.trunc(sum / weights);
}
