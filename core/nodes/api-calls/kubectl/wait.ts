import { firstAt, parseJsonPath } from '../../../apis/apiextensions/custom-resource/json-path.ts';
import { isFields } from '../../../kube/fields.ts';
import { parseGoDuration } from '../../../kube/go-duration.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status.ts';
import type { Target } from '../api-client.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';
import { bare, printed } from './json-path-template.ts';

/** None: there is no such object. */
type Met = (object: KubeObject | undefined) => boolean;

const DEFAULT_TIMEOUT_MS = 30_000;
/** A week, for a timeout below zero. */
const LONGEST_MS = 7 * 24 * 60 * 60_000;

/** `kubectl wait --for=condition=Ready|jsonpath=…|create|delete TYPE/NAME` (kubectl's pkg/cmd/wait). */
export function wait(invocation: Invocation): void {
  const { client } = invocation;
  const wanted = invocation.flags.get('for') ?? [''];
  const mets = wanted.map(metOf);
  const [forDelete, forCreate] = ['delete', 'create'].map((word) => wanted.some((each) => each.toLowerCase() === word));
  const timeout = parseGoDuration(invocation.flag('timeout') ?? '30s') ?? DEFAULT_TIMEOUT_MS;
  const forMs = timeout < 0 ? LONGEST_MS : timeout;
  const targets = invocation.targets();
  if (targets.length === 0 && forCreate && forMs > 0) {
    invocation.waits('error: timed out waiting for the condition', forMs);
    return;
  }
  if (targets.length === 0 && !forDelete) throw new Failed('error: no matching resources found');
  for (const target of targets) {
    const object = found(invocation, target, Boolean(forDelete || forCreate));
    client.permit('list', target);
    client.permit('watch', target);
    if (!mets.every((met) => met(object))) {
      const { api, name } = target;
      if (forMs === 0) throw new Failed(`error: condition not met for ${api.resource}/${name}`);
      const what = forCreate && !object ? '' : ` on ${api.resource}/${name}`;
      invocation.waits(`error: timed out waiting for the condition${what}`, forMs);
      return;
    }
    if (object || !forDelete) for (const _ of mets) invocation.write(`${printedName(target)} condition met\n`);
  }
}

function found({ client }: Invocation, target: Target, mayBeMissing: boolean): KubeObject | undefined {
  try {
    return client.get(target);
  } catch (error) {
    if (mayBeMissing && error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function metOf(text: string): Met {
  const lower = text.toLowerCase();
  if (lower === 'delete') return (object) => object === undefined;
  if (lower === 'create') return (object) => object !== undefined;
  if (text.startsWith('condition=')) {
    const [name, status = 'true'] = text.slice('condition='.length).split(/=(.*)/s) as [string, string?];
    return (object) => object !== undefined && hasCondition(object, name, status);
  }
  if (text.startsWith('jsonpath=')) return jsonPathMet(text.slice('jsonpath='.length));
  throw new Failed(`error: unrecognized condition: ${JSON.stringify(text)}`);
}

/** By the newest generation, where the condition or the status says of which it is. */
function hasCondition(object: KubeObject, name: string, status: string): boolean {
  const { conditions, observedGeneration } = (object as { status?: { conditions?: unknown; observedGeneration?: number } }).status ?? {};
  if (!Array.isArray(conditions)) return false;
  const condition = conditions.filter(isFields).find(({ type }) => String(type).toLowerCase() === name.toLowerCase());
  if (!condition) return false;
  const observed = (condition['observedGeneration'] ?? observedGeneration) as number | undefined;
  if (observed !== undefined && observed < (object.metadata.generation ?? 0)) return false;
  return String(condition['status']).toLowerCase() === status.toLowerCase();
}

function jsonPathMet(text: string): Met {
  // A single `=` is between the path and the value, `==` is of the path.
  const [path = '', value, more] = text.split(/(?<!=)=(?!=)/);
  if (more !== undefined)
    throw new Failed("error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'");
  const parsed = parseJsonPath(bare(path));
  if (!parsed) throw new Failed(`error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`);
  const expected = value?.replace(/^['"]+|['"]+$/g, '');
  return (object) => {
    const at = object && firstAt(parsed, object);
    return at !== undefined && (expected === undefined || printed(at) === expected);
  };
}
