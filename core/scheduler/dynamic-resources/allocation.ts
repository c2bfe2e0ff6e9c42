import { createHash } from 'node:crypto';
import { timestamp } from '../../kube/object.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NodeSelector,
  NodeSelectorRequirement,
  ResourceResourceClaim as ResourceClaim,
} from '../../schema/generated/kinds.ts';
import type { Choice } from './allocate.ts';
import { requestName } from './device-wishes.ts';

/** What a claim's status says of the devices that were chosen for it on a node; `now`: ms since the epoch. */
export function allocationOf(claim: ResourceClaim, choices: readonly Choice[], { node, now }: { node: string; now: number }): AllocationResult {
  const config = configurationOf(claim, choices);
  const nodeSelector = selectorFor(choices, node);
  return {
    devices: { results: choices.map((choice, i) => resultOf(choice, `${claim.metadata.uid} ${i}`)), ...(config.length > 0 && { config }) },
    ...(nodeSelector && { nodeSelector }),
    allocationTimestamp: timestamp(now),
  };
}

function resultOf({ wish, device, consumed }: Choice, place: string): DeviceRequestAllocationResult {
  const { bindingConditions, bindingFailureConditions, name } = device.of;
  return {
    request: requestName(wish),
    driver: device.driver,
    pool: device.pool,
    device: name,
    ...(wish.adminAccess && { adminAccess: true }),
    ...(wish.tolerations?.length && { tolerations: [...wish.tolerations] }),
    ...(bindingConditions && { bindingConditions: [...bindingConditions] }),
    ...(bindingFailureConditions && { bindingFailureConditions: [...bindingFailureConditions] }),
    ...(consumed && { shareID: shareIdOf(`${device.id} ${place}`) }),
    ...(consumed && Object.keys(consumed).length > 0 && { consumedCapacity: { ...consumed } }),
  };
}

/** What tells one claim's share of a device from another's: a UUID that follows from where it is. */
function shareIdOf(place: string): string {
  const hash = createHash('sha256').update(place).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
}

/** What drivers are told: what the classes say of the requests for them, and then what the claim says. */
function configurationOf({ spec }: ResourceClaim, choices: readonly Choice[]): DeviceAllocationConfiguration[] {
  const wishes = (spec.devices?.requests ?? []).flatMap(({ name }) => choices.find(({ request }) => request === name)?.wish ?? []);
  const byClass = Map.groupBy(wishes, ({ deviceClass }) => deviceClass);
  const ofClasses = [...byClass].flatMap(([{ spec: of }, asking]) =>
    (of.config ?? []).map(({ opaque }) => ({ source: 'FromClass', requests: asking.map(requestName), ...(opaque && { opaque }) })),
  );
  const ofClaim = (spec.devices?.config ?? []).flatMap(({ requests = [], opaque }) => {
    const told = { source: 'FromClaim', ...(requests.length > 0 && { requests }), ...(opaque && { opaque }) };
    const times = requests.length === 0 ? 1 : wishes.filter((wish) => requests.includes(wish.request) || requests.includes(requestName(wish))).length;
    return Array.from({ length: times }, () => told);
  });
  return [...ofClasses, ...ofClaim];
}

/** Where the devices can be used; undefined: everywhere. */
function selectorFor(choices: readonly Choice[], node: string): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = [];
  const matchExpressions: NodeSelectorRequirement[] = [];
  for (const { device } of choices) {
    const { nodeName, nodeSelector } = device.slice.spec.perDeviceNodeSelection ? device.of : device.slice.spec;
    if (nodeName || device.of.bindsToNode) return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] };
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(term?.matchFields, matchFields);
    addNew(term?.matchExpressions, matchExpressions);
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined;
  return { nodeSelectorTerms: [{ ...(matchExpressions.length > 0 && { matchExpressions }), ...(matchFields.length > 0 && { matchFields }) }] };
}

function addNew(requirements: readonly NodeSelectorRequirement[] = [], to: NodeSelectorRequirement[]): void {
  for (const one of requirements) {
    const values = new Set(one.values);
    const isKnown = to.some(
      (other) => other.key === one.key && other.operator === one.operator && new Set(other.values).symmetricDifference(values).size === 0,
    );
    if (!isKnown) to.push(one);
  }
}
