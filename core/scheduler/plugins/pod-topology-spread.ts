import { type Objection, type Plugin, skip, unresolvable } from '../framework.ts';
import { constraintsOf, type DefaultConstraints, systemDefaults } from '../topology/spread-constraints.ts';
import { standings } from '../topology/standing.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** Pods spread evenly over zones, nodes and other domains ("Pod Topology Spread Constraints"). */
export const podTopologySpreadWith = (defaults: DefaultConstraints): Plugin => ({
  name: 'PodTopologySpread',
  preFilter: (pod, cluster) => {
    const constraints = constraintsOf(pod, 'DoNotSchedule', cluster, defaults);
    if (constraints.length === 0) return skip;
    return {
      type: 'filter',
      filter: (_node, position) => {
        for (const { counts, maxSkew, minDomains, countsItself } of constraints) {
          if (counts.domainOf(position) < 0) return UNLABELLED;
          const least = counts.size < minDomains ? 0 : counts.least;
          if (counts.at(position) + (countsItself ? 1 : 0) - least > maxSkew) return UNEVEN;
        }
        return undefined;
      },
    };
  },
  restsOn: (pod, node, cluster) => {
    const constraints = constraintsOf(pod, 'DoNotSchedule', cluster, defaults);
    if (constraints.length === 0) return undefined;
    const labels = node.node.metadata.labels ?? {};
    return {
      of: 'pods',
      isBrokenBy: (change) => {
        const { before, after } = standings(change, cluster);
        return constraints.some(({ topologyKey, isCounted }) => {
          const [from, to] = [before, after].map((standing) => (standing && isCounted(standing.pod.kind) ? standing.labels[topologyKey] : undefined));
          // One more where the pod is, or one less where there may be the fewest.
          return from !== to && ((to !== undefined && to === labels[topologyKey]) || (from !== undefined && from !== labels[topologyKey]));
        });
      },
      among: { namespaces: [pod.kind.namespace] },
    };
  },
  score: {
    weight: 2,
    among: (pod, cluster, feasible) => {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', cluster, defaults);
      if (constraints.length === 0) return undefined;
      const needAll = defaults.needAll || (pod.pod.spec!.topologySpreadConstraints ?? []).length > 0;
      const isIgnored = (position: number) => needAll && constraints.some(({ counts }) => counts.domainOf(position) < 0);
      const scored = needAll ? feasible.filter((position) => !isIgnored(position)) : feasible;
      const terms = constraints.map(({ counts, maxSkew, topologyKey }) => {
        const domains = topologyKey === HOSTNAME ? scored.length : new Set(scored.map((position) => counts.domainOf(position))).size;
        // Few large domains have as much of a say as many small ones.
        return { counts, maxSkew, perHost: topologyKey === HOSTNAME, weight: Math.log(domains + 2) };
      });
      return (_node, position) => {
        if (isIgnored(position)) return IGNORED;
        let score = 0;
        for (const { counts, maxSkew, perHost, weight } of terms) {
          if (counts.domainOf(position) < 0) continue;
          score += (perHost ? counts.on(position) : counts.at(position)) * weight + (maxSkew - 1);
        }
        return Math.round(score);
      };
    },
    normalize: fewestFirst,
  },
});

export const podTopologySpread = podTopologySpreadWith(systemDefaults);

const UNEVEN: Objection = { reasons: ["node(s) didn't match pod topology spread constraints"], resolvable: true };
const UNLABELLED = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

/** The score of a node that is in no domain. */
const IGNORED = -1;

/** The fewer pods a domain has, the better. */
function fewestFirst(scores: Float64Array): void {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const score of scores) {
    if (score === IGNORED) continue;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    scores[i] = score === IGNORED ? 0 : max === 0 ? 100 : Math.trunc((100 * (max + min - score)) / max);
  }
}
