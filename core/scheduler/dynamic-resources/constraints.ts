import type { DeviceAttribute, DeviceConstraint } from '../../schema/generated/kinds.ts';
import type { Device } from './device.ts';

/** A device that was chosen for a request of a claim. */
interface Chosen {
  readonly request: string;
  readonly subRequest?: string | undefined;
  readonly device: Device;
}

/** Whether a device can come to those that were chosen for a claim so far: of all that a constraint is about, an attribute is the same, or is never the same. */
export const allows = (constraint: DeviceConstraint, chosen: readonly Chosen[], next: Chosen): boolean => {
  if (!concerns(constraint, next)) return true;
  const name = constraint.matchAttribute ?? constraint.distinctAttribute!;
  const attribute = attributeOf(next.device, name);
  if (!attribute) return false;
  const isSame = (other: Chosen) => isEqual(attribute, attributeOf(other.device, name));
  const others = chosen.filter((other) => concerns(constraint, other));
  return constraint.matchAttribute !== undefined ? others.every(isSame) : !others.some(isSame);
};

const concerns = ({ requests = [] }: DeviceConstraint, { request, subRequest }: Chosen): boolean =>
  requests.length === 0 || requests.includes(request) || (subRequest !== undefined && requests.includes(`${request}/${subRequest}`));

/** By its full name, or, where its domain is the driver's, by the name alone. */
function attributeOf({ of: { attributes = {} }, driver }: Device, name: string): DeviceAttribute | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  const [domain, id] = name.split('/');
  return domain === driver && id !== undefined && Object.hasOwn(attributes, id) ? attributes[id] : undefined;
}

function isEqual(a: DeviceAttribute, b: DeviceAttribute | undefined): boolean {
  if (!b) return false;
  for (const type of ['string', 'int', 'bool', 'version'] as const) if (a[type] !== undefined) return a[type] === b[type];
  return false;
}
