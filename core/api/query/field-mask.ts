import { badRequest } from '../../kube/status.ts';

/**
 * Which fields of an object a reader wants: `?fields=spec.nodeName,status.phase,spec.containers.resources` (as partial responses of other APIs have it). A path goes through lists, names all
 * that is below it, and has a backslash in front of a dot that belongs to a name. `apiVersion`, `kind` and the object's name, namespace and resourceVersion come along.
 */
export interface FieldMask {
  /** As it was sent: two that are the same have the same answers. */
  readonly text: string;
  readonly of: (object: object) => object;
}

/** Throws 400 for what is no list of paths. */
export function fieldMaskOf(text: string): FieldMask {
  const tree: Tree = new Map();
  for (const path of [...ALWAYS, ...pathsOf(text)]) add(tree, path);
  return { text, of: (object) => picked(object, tree) as object };
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

/** Undefined: nothing of it is wanted. */
function picked(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((element) => picked(element, tree) ?? {});
  if (value === null || typeof value !== 'object') return undefined;
  const found: Record<string, unknown> = {};
  let isEmpty = true;
  for (const [name, below] of tree) {
    if (!Object.hasOwn(value, name)) continue;
    const own = (value as Record<string, unknown>)[name];
    const kept = below === true ? own : picked(own, below);
    if (kept === undefined) continue;
    // A field may be named `__proto__`.
    Object.defineProperty(found, name, { value: kept, enumerable: true, configurable: true, writable: true });
    isEmpty = false;
  }
  return isEmpty ? undefined : found;
}
