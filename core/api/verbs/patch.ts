import { jsonText, withSortedKeys } from '../../kube/bounded-text.ts';
import { goText } from '../../kube/go-text.ts';
import { parseJson } from '../../kube/json.ts';
import { checkLists, deeperThan, MAX_DEPTH } from '../../kube/json-bounds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest, invalid, notFound, StatusError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { type Decoded, type DecodeOptions, decodeObject } from '../../schema/decode.ts';
import { jsonPatch } from '../../schema/patching/json-patch.ts';
import { mergePatch } from '../../schema/patching/merge-patch.ts';
import { strategicMergePatch } from '../../schema/patching/strategic-merge.ts';
import type { State } from '../../state/state.ts';
import { answerObject } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { type PatchType, patchType } from '../codec/negotiate.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import { type BodyType, bodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import type { Asker, Write } from '../write.ts';
import { apply } from './apply.ts';
import { inNamespace } from './create.ts';
import { checkName, subresourceOf } from './update.ts';

/**
 * Changes to an object, or to its status or another subresource that speaks of the whole object (PATCH). The patch is applied to the newest object, and again
 * when that changed meanwhile: it conflicts only when it names a resourceVersion. Throws 400, 404, 409, 413, 415, 422.
 */
export function patch(call: WriteCall): Write {
  const { target, query, info } = call;
  if (isApply(call)) return apply(call);
  const options = readWriteOptions(query, 'PatchOptions');
  const patched = patcher(call, bodyType(target), options);
  const manager = fieldManagerOf(call);
  const plan = (state: State, _now: number, ask: Asker) => {
    const current = state.get(target.storage.groupResource, info.namespace, info.name!);
    if (!current) throw notFound(target.resource, info.name!);
    if (target.versions && !target.versions.convert([current], ask)) return undefined;
    const object = inNamespace(call, target.toStorage(patched(target.fromStorage(current))));
    checkName(call, object);
    return [
      {
        type: 'update' as const,
        resource: target.resource.groupResource,
        object,
        replace: true as const,
        patched: true as const,
        manager,
        ...subresourceOf(info.subresource),
      },
    ];
  };
  return { dryRun: options.dryRun, plan, answer: ([written]) => answerObject(call, written!.object) };
}

/** How each type of patch changes an object (API concepts, "Patching"). The fourth is a verb of its own (apply.ts). */
const patchTypes = {
  json: jsonPatch,
  merge: mergePatch,
  strategic: strategicMergePatch,
};

/** The patch of a request as a function from an object to the changed and checked object. */
export function patcher(call: WriteCall, ofBody: BodyType, { fieldValidation }: WriteOptions): (object: KubeObject) => KubeObject {
  const form = patchTypeOf(call) as keyof typeof patchTypes;
  const repeated: string[] = [];
  const body = patchOf(call.body, form, (path) => repeated.push(`duplicate field ${JSON.stringify(path)}`));
  call.audit?.requestedWith(body);
  return (object) => {
    const value = patchTypes[form](object, body, ofBody.type);
    checkGrowth(value);
    // A strategic patch is blamed itself, of the others what came of them.
    // A custom object is a map in Go, whose keys are printed in order.
    const shown = () => (form === 'strategic' ? goText(body) : jsonText(call.target.resource.custom ? withSortedKeys(value) : value));
    const { object: patched, unknownFields } = decoded(value, ofBody, {
      strict: fieldValidation !== 'Ignore',
      words: form === 'strategic' ? 'conversion' : 'json',
      shown,
    });
    const problems = fieldValidation === 'Ignore' ? [] : [...repeated, ...unknownFields];
    if (problems.length > 0 && fieldValidation === 'Strict') throw refused(shown(), `strict decoding error: ${problems.join(', ')}`);
    // Once, however often the patch has to be applied.
    for (const problem of problems) if (!call.warnings.includes(problem)) call.warnings.push(problem);
    return patched;
  };
}

/** Throws 415. */
function patchTypeOf({ target, request }: Pick<WriteCall, 'target' | 'request'>): PatchType {
  // A strategic merge patch needs the merge keys of Kubernetes' own types.
  const accepted: PatchType[] = target.resource.custom ? ['json', 'merge', 'apply'] : ['json', 'merge', 'strategic', 'apply'];
  return patchType(request.headers.get('content-type'), accepted);
}

export const isApply = (call: Pick<WriteCall, 'target' | 'request'>): boolean => patchTypeOf(call) === 'apply';

function patchOf(body: Uint8Array, type: keyof typeof patchTypes, duplicate: (path: string) => void): unknown {
  let patch: unknown;
  try {
    patch = parseJson(utf8.decode(body), duplicate);
  } catch (error) {
    const { message } = error as Error;
    throw badRequest(type === 'strategic' ? message : `error decoding patch: ${message}`);
  }
  // How many operations a JSON patch may have it says itself.
  if (type !== 'json') checkLists(patch);
  return patch;
}

/** By patches that are small themselves an object may grow beyond what is taken in at once. */
function checkGrowth(value: unknown): void {
  if (deeperThan(value, MAX_DEPTH)) throw badRequest('error applying patch: exceeded max depth');
  checkLists(value);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decoded(value: unknown, { gvk, type }: BodyType, { shown, ...options }: Pick<DecodeOptions, 'strict' | 'words'> & { shown: () => string }): Decoded {
  try {
    return decodeObject({ value, type, gvk, ...options });
  } catch (error) {
    // Here Kubernetes gives the decoder's words without the kind before them.
    throw error instanceof StatusError && error.code === 400 ? refused(shown(), error.message.replace(/^.*? cannot be handled as a \w+: /, '')) : error;
  }
}

/** 422 for a patch that leaves an object which is none of its kind (handlers/patch.go). */
const refused = (shown: string, why: string) => invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)]);
