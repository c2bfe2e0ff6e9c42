import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { clone } from '../../kube/object.ts';
import { badRequest, requestTooLarge } from '../../kube/status.ts';
import { unprocessable } from './unprocessable.ts';

/** As many as kube-apiserver takes (staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go). */
const MAX_OPERATIONS = 10_000;

/**
 * `object` with a JSON patch (RFC 6902) applied. Neither argument is changed.
 * Throws 400 BadRequest when `patch` is not a list of operations, 413 when it is a list of more than 10,000, and
 * 422 Invalid when an operation does not fit the object: a `test` that fails, a path that is not there.
 */
export function jsonPatch<T extends object>(object: T, patch: unknown): T {
  if (!Array.isArray(patch)) throw badRequest(`error decoding patch: json: cannot unmarshal ${goType(patch)} into Go value of type []handlers.jsonPatchOp`);
  if (patch.length > MAX_OPERATIONS) throw requestTooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`);
  const patching = new Patching(clone(object));
  for (const operation of patch) patching.apply(operation);
  const { document } = patching;
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw unprocessable();
  return document as T;
}

const goType = (value: unknown): string => (value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value);

/** How much `copy` may add up to, in bytes of JSON: a list copied into itself doubles each time. Kubernetes' JSONPatchMaxCopyBytes. */
const MAX_COPIED = 3 * 1024 * 1024;

class Patching {
  document: unknown;
  private copied = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  apply(operation: unknown): void {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
      throw badRequest('error decoding patch: an operation of a JSON patch is an object');
    const { op, path, from, value } = operation as Record<string, unknown>;
    if (typeof path !== 'string') throw unprocessable();
    if (op === 'move' || op === 'copy') this.transfer(op, from, path);
    // Clients ask "is it absent?" by testing for null, which evanphx/json-patch answers and RFC 6902 does not mention.
    else if (op !== 'test' || value !== null || find(this.document, path).state !== 'absent') this.step(clone(operation) as Operation);
  }

  private transfer(op: 'move' | 'copy', from: unknown, path: string): void {
    const source = typeof from === 'string' ? find(this.document, from) : undefined;
    if (source?.state !== 'present' || path.startsWith(`${from}/`)) throw unprocessable();
    if (op === 'move') this.step({ op: 'remove', path: from as string });
    else this.copied += JSON.stringify(source.value).length;
    if (this.copied > MAX_COPIED) throw unprocessable();
    this.step({ op: 'add', path, value: op === 'copy' ? clone(source.value) : source.value });
  }

  /** One operation on a path that leads through the document's own fields: fast-json-patch would follow `/constructor/…` to what all objects share. */
  private step(operation: Operation): void {
    if (!steps.has(operation.op) || (operation.op !== 'remove' && !('value' in operation))) throw unprocessable();
    const { state } = find(this.document, operation.path);
    if (state === 'lost' || (state === 'absent' && operation.op !== 'add')) throw unprocessable();
    try {
      this.document = fastJsonPatch.applyOperation(this.document, operation, checkedAlready, true).newDocument;
    } catch {
      throw unprocessable();
    }
  }
}

const steps: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'test']);

/** The library's own check walks the whole value of every operation: to move a large one to and fro would take minutes. Its checks of indexes remain. */
const checkedAlready = () => undefined;

/** `absent`: all but the last part is there. `lost`: not even that. */
function find(document: unknown, path: string): { state: 'present'; value: unknown } | { state: 'absent' | 'lost' } {
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.shift() !== '') return { state: 'lost' };
  let value = document;
  for (const [i, part] of parts.entries()) {
    if (typeof value !== 'object' || value === null) return { state: 'lost' };
    if (!Object.hasOwn(value, part)) return { state: i === parts.length - 1 ? 'absent' : 'lost' };
    value = (value as Record<string, unknown>)[part];
  }
  return { state: 'present', value };
}
