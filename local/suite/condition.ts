import { isFields } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { UsageError } from '../run-verb.ts';

/** What is waited for of an object, as `kubectl wait --for` has it. */
export interface WaitCondition {
  /** `KIND/NAME` */
  readonly object: string;
  readonly text: string;
  /** What it is not yet, in a few words; undefined: it holds. The object is undefined when it is not there. */
  readonly unmet: (object: KubeObject | undefined) => string | undefined;
}

export const CONDITION_SYNTAX = 'KIND/NAME:condition=TYPE[=STATUS], KIND/NAME:jsonpath={.PATH}[=VALUE], KIND/NAME:create or KIND/NAME:delete';

/** Reads `KIND/NAME:CONDITION`. Throws a `UsageError`. */
export function parseWaitCondition(text: string): WaitCondition {
  const [, object, what = ''] = /^([^/:]+\/[^/:]+):(.+)$/s.exec(text) ?? [];
  const unmet = object === undefined ? undefined : (absence(what) ?? ofCondition(what) ?? ofPath(what));
  if (object === undefined || !unmet) throw new UsageError(`--for ${text}: ${CONDITION_SYNTAX} is needed`);
  return { object, text, unmet };
}

type Unmet = WaitCondition['unmet'];

function absence(what: string): Unmet | undefined {
  if (what === 'create') return (object) => (object ? undefined : NOT_THERE);
  if (what === 'delete') return (object) => (object ? 'it is still there' : undefined);
  return undefined;
}

const NOT_THERE = 'it is not there';

interface Conditioned extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
  };
}

function ofCondition(what: string): Unmet | undefined {
  const [, type = '', status = 'True'] = /^condition=([^=]+)(?:=([^=]+))?$/.exec(what) ?? [];
  if (type === '') return undefined;
  return (object: Conditioned | undefined) => {
    if (!object) return NOT_THERE;
    const found = object.status?.conditions?.find((condition) => condition.type.toLowerCase() === type.toLowerCase());
    if (!found) return `it has no condition ${type}`;
    if (found.status.toLowerCase() === status.toLowerCase()) return undefined;
    return `${found.type} is ${found.status}${found.reason ? `: ${found.reason}` : ''}${found.message ? `: ${found.message}` : ''}`;
  };
}

/** The simple form of kubectl's JSONPath: names and indices. */
function ofPath(what: string): Unmet | undefined {
  const [, path, value] = /^jsonpath=\{((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']+'\])+)\}(?:=(.*))?$/s.exec(what) ?? [];
  if (path === undefined) return undefined;
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g)].map(([, name, index, quoted]) => name ?? quoted ?? Number(index));
  return (object) => {
    if (!object) return NOT_THERE;
    const found = steps.reduce<unknown>((at, step) => (Array.isArray(at) || isFields(at) ? (at as Record<string | number, unknown>)[step] : undefined), object);
    if (found === undefined) return `it has no ${path}`;
    const text = typeof found === 'string' ? found : JSON.stringify(found);
    return value === undefined || text === value ? undefined : `${path} is ${text}`;
  };
}
