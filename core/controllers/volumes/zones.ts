import type { Node, PersistentVolumeClaim, StorageClass } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { compareText } from '../../state/tree.ts';
import { nodeCounts } from '../shared/node-counts.ts';

export const ZONE = 'topology.kubernetes.io/zone';
/** As drivers called it before there was a name for all. */
const OLD_ZONES = ['topology.ebs.csi.aws.com/zone', 'failure-domain.beta.kubernetes.io/zone'];

/**
 * The zone in which a volume is made: that of the node where its pod goes, else one of those that there are and that its class allows. Which one follows from the
 * claim's name, and the claims of a StatefulSet go from zone to zone (external-provisioner, pkg/controller/topology.go).
 */
export function zoneFor(claim: PersistentVolumeClaim, { storageClass, node, state }: { storageClass: StorageClass; node: Node | undefined; state: State }) {
  if (node) return zoneOf(node);
  const allowed = storageClass.allowedTopologies?.flatMap(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.filter(({ key }) => key === ZONE || OLD_ZONES.includes(key)).flatMap(({ values }) => values),
  );
  const zones = allowed?.length ? [...new Set(allowed)] : [...state.view(zonesOfNodes).keys()];
  return zones.sort(compareText)[placeOf(claim.metadata.name) % zones.length];
}

function zoneOf({ metadata: { labels } }: Node): string | undefined {
  return labels?.[ZONE];
}

function placeOf(name: string): number {
  const [, base = name, ordinal] = /^(.*)-(\d+)$/.exec(name) ?? [];
  // Of `data-web-0`, the set's name alone: all claims of one pod are in one zone.
  return fnv(ordinal === undefined ? name : base.slice(base.lastIndexOf('-') + 1)) + Number(ordinal ?? 0);
}

/** FNV-1, of 32 bits. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return hash >>> 0;
}

const zonesOfNodes = nodeCounts(zoneOf);
