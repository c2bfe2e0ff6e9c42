import { badRequest } from '../../kube/status.ts';

/**
 * Which fields of an object a reader wants: `?fields=spec.nodeName,status.phase,spec.containers.resources` (as partial responses of other APIs have it). A path goes through lists, names all
 * that is below it, and has a backslash in front of a dot that belongs to a name. `apiVersion`, `kind` and the object's name, namespace and resourceVersion come along.
 */
export interface FieldMask {
  /** As it was sent: two that are the same have the same answers. */
  readonly text: string;
  readonly of: (object: object) => object;
  readonly takesManagedFields: boolean;
}

/** Throws 400 for what is no list of paths. */
export function fieldMaskOf(text: string): FieldMask {
  const tree: Tree = new Map();
  for (const path of [...ALWAYS, ...pathsOf(text)]) add(tree, path);
  const wanted = wantedOf(tree);
  const metadata = tree.get('metadata');
  const takesManagedFields = metadata === true || metadata?.has('managedFields') === true;
  return { text, of: (object) => picked(object, wanted) as object, takesManagedFields };
}

const ALWAYS: readonly (readonly string[])[] = [['apiVersion'], ['kind'], ['metadata', 'name'], ['metadata', 'namespace'], ['metadata', 'resourceVersion']];

/** `true`: all that is there. */
type Tree = Map<string, Tree | true>;

function pathsOf(text: string): string[][] {
  const paths = text.split(',').map((path) => path.trim().match(/(?:\\.|[^.\\])+|\.(?=\.|$)|^\.|\\$/g) ?? []);
  if (paths.length > MOST_PATHS) throw badRequest(`fields: ${paths.length} paths, of ${MOST_PATHS} at most`);
  return paths.map((steps) => {
    if (steps.length === 0 || steps.length > MOST_STEPS || steps.some((step) => step === '.' || step === '\\'))
      throw badRequest(`fields: Invalid value: must be paths such as metadata.labels or spec.containers.image, with commas between them`);
    return steps.map((step) => step.replace(/\\(.)/g, '$1'));
  });
}

const MOST_PATHS = 100;
const MOST_STEPS = 20;

function add(tree: Tree, [step, ...rest]: readonly string[]): void {
  const known = tree.get(step!);
  if (known === true) return;
  if (rest.length === 0) return void tree.set(step!, true);
  const below: Tree = known ?? new Map();
  tree.set(step!, below);
  add(below, rest);
}

/** A tree in the order in which it is gone through. `isOdd`: objects have something of this name without having it themselves (`constructor`, `__proto__`). */
type Wanted = readonly { readonly name: string; readonly below: Wanted | undefined; readonly isOdd: boolean }[];

const wantedOf = (tree: Tree): Wanted =>
  [...tree].map(([name, below]) => ({ name, below: below === true ? undefined : wantedOf(below), isOdd: name in Object.prototype }));

/** Undefined: nothing of it is wanted. */
function picked(value: unknown, wanted: Wanted): unknown {
  if (Array.isArray(value)) return value.map((element) => picked(element, wanted) ?? {});
  if (value === null || typeof value !== 'object') return undefined;
  let found: Record<string, unknown> | undefined;
  for (const { name, below, isOdd } of wanted) {
    if (isOdd && !Object.hasOwn(value, name)) continue;
    const own = (value as Record<string, unknown>)[name];
    if (own === undefined) continue;
    const kept = below === undefined ? own : picked(own, below);
    if (kept === undefined) continue;
    found ??= {};
    if (isOdd) Object.defineProperty(found, name, { value: kept, enumerable: true, configurable: true, writable: true });
    else found[name] = kept;
  }
  return found;
}
