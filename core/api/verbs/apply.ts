import type { ApplyMutation, Mutation } from '../../apis/mutation.ts';
import { type Fields, isFields } from '../../kube/fields.ts';
import { parseJson } from '../../kube/json.ts';
import { checkLists } from '../../kube/json-bounds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import { answerObject } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { parseYaml } from '../codec/yaml.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import type { Write } from '../write.ts';
import { inNamespace } from './create.ts';
import { checkName } from './update.ts';

/**
 * A configuration of an object, or of its status, laid over what is there (PATCH of the type `application/apply-patch+yaml`; API concepts, "Server-side apply"). Creates what is not
 * there. Answers 201 or 200. Throws 400, 403, 404, 409 (fields belong to other managers), 422.
 */
export function apply(call: WriteCall): Write {
  const { target, query, info } = call;
  const options = readWriteOptions(query, 'PatchOptions', { isApply: true });
  const config = sentBefore(call) ?? configOf(call, options);
  call.audit?.requestedWith(config);
  const manager = { ...fieldManagerOf(call), operation: 'Apply' as const };
  const stored = target.storage.groupResource;
  const plan = (state: State): Mutation[] => {
    const current = state.get(stored, info.namespace, info.name!);
    checkNames(call, config, current);
    const mutation: ApplyMutation = {
      type: 'apply',
      resource: target.resource.groupResource,
      ...(info.namespace !== undefined && { namespace: info.namespace }),
      name: info.name!,
      config,
      manager,
      force: options.force,
      ...(info.subresource !== undefined && { subresource: info.subresource as NonNullable<ApplyMutation['subresource']> }),
    };
    return [mutation];
  };
  return { dryRun: options.dryRun, plan, answer: ([written]) => answerObject(call, written!.object, written!.created ? 201 : 200) };
}

/** A text that was sent here before, and with which nothing was wrong. */
const sentBefore = ({ api, sent, body }: WriteCall): Fields | undefined => api.sentConfigs.find(sent, body);

/** A configuration need not name what it is of where that is there already; it must not name another one. Throws 400. */
function checkNames(call: WriteCall, config: Fields, current: KubeObject | undefined): void {
  const metadata = isFields(config['metadata']) ? config['metadata'] : {};
  const nameOf = (field: 'name' | 'namespace') => {
    const given = metadata[field] ?? current?.metadata[field];
    // What is none is told of by its type.
    return typeof given === 'string' ? given : undefined;
  };
  const [name, namespace] = [nameOf('name'), nameOf('namespace')];
  const named = { metadata: { ...(namespace !== undefined && { namespace }), ...(name !== undefined && { name }) } } as KubeObject;
  checkName(call, inNamespace(call, named));
}

/** The configuration in a request's body. Throws 400 when it is none, and, where that is asked for, when it sets something twice. */
function configOf({ api, sent, body, warnings }: WriteCall, { fieldValidation }: WriteOptions): Fields {
  const problems: string[] = [];
  let config: unknown;
  try {
    config = parse(new TextDecoder().decode(body), fieldValidation === 'Ignore' ? undefined : (problem) => problems.push(problem));
    if (config !== null && !isFields(config)) throw new Error(`error unmarshaling JSON: while decoding JSON: ${notAMap(config)}`);
    checkLists(config);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`error decoding YAML: ${converting((error as Error).message)}`);
  }
  if (problems.length > 0) {
    const problem = converting(joined(problems));
    if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${problem}`);
    warnings.push(problem);
    return config ?? {};
  }
  api.sentConfigs.keep(sent, body, config ?? {});
  return config ?? {};
}

/** JSON is YAML that is read faster; what is wrong with it is told of it as YAML. */
function parse(text: string, duplicate: ((problem: string) => void) | undefined): unknown {
  if (/^\s*\{/.test(text)) {
    let repeats = false;
    try {
      const value = parseJson(
        text,
        duplicate &&
          (() => {
            repeats = true;
          }),
      );
      if (!repeats) return value;
    } catch {
      // YAML takes more than JSON does.
    }
  }
  return parseYaml(text, duplicate);
}

const converting = (problem: string) => (problem.startsWith('yaml: ') ? `error converting YAML to JSON: ${problem}` : problem);

/** What is wrong, in one error: go-yaml says each in a line. */
const joined = (problems: readonly string[]) => `yaml: unmarshal errors:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;

function notAMap(value: unknown): string {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}
