import { admissionVariables } from '../../core/cel/admission-variables.ts';
import { mutationStruct } from '../../core/cel/constructed-objects.ts';
import { deviceEnvironment } from '../../core/cel/device-environment.ts';
import { parseDuration } from '../../core/cel/duration-text.ts';
import { type Environment, type EnvironmentOptions, environment } from '../../core/cel/environment.ts';
import { jsonValue } from '../../core/cel/json-value.ts';
import { AuthorizerValue, ResourceCheck } from '../../core/cel/libraries/authorizer.ts';
import { jsonPatchLibrary } from '../../core/cel/libraries/jsonpatch.ts';
import { kubernetesLibraries } from '../../core/cel/libraries/kubernetes.ts';
import type { Bindings } from '../../core/cel/run.ts';
import { rulesOf } from '../../core/cel/schema/rules.ts';
import type { Schema } from '../../core/cel/schema/schema.ts';
import { parseTimestamp } from '../../core/cel/timestamp-text.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, STRING, TIMESTAMP, type Type, UINT } from '../../core/cel/type.ts';
import { Duration, type Timestamp, Uint, type Value } from '../../core/cel/value.ts';
import { alice, stubAuthorize } from './stub-authorizer.ts';

/** An environment as a case file says it (scripts/cel-goldens/environment.go). */
export interface Settings {
  readonly kind?: 'rule' | 'admission' | 'mutation' | 'device';
  readonly costLimit?: number;
  readonly variables?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
  readonly schema?: Schema;
  readonly root?: boolean;
  readonly optionalOldSelf?: boolean;
  readonly self?: unknown;
  readonly oldSelf?: unknown;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly params?: unknown;
  readonly request?: unknown;
  readonly namespaceObject?: unknown;
  readonly device?: unknown;
}

export interface Setting {
  readonly environment: Environment;
  readonly bindings: Bindings;
  readonly costLimit: number | undefined;
}

export function settingOf(settings: Settings): Setting {
  const { costLimit } = settings;
  if (settings.kind === 'rule') return { ...rule(settings), costLimit };
  if (settings.kind === 'device') return { environment: deviceEnvironment(), bindings: { device: jsonValue(settings.device) }, costLimit };
  const { values, ...options } = declared(settings);
  return { environment: environment({ libraries: kubernetesLibraries, ...options }), bindings: values, costLimit };
}

function rule({ schema, root, optionalOldSelf, self, oldSelf }: Settings): Omit<Setting, 'costLimit'> {
  const rules = rulesOf(schema!, { root, optionalOldSelf })!;
  return { environment: rules.environment, bindings: rules.bindings(self, oldSelf) };
}

interface Declared extends Omit<EnvironmentOptions, 'libraries'>, Partial<Pick<EnvironmentOptions, 'libraries'>> {
  readonly values: Bindings;
}

function declared(settings: Settings): Declared {
  switch (settings.kind) {
    case 'admission':
      return admission(settings);
    case 'mutation':
      return { ...admission(settings), libraries: [...kubernetesLibraries, jsonPatchLibrary], struct: mutationStruct };
  }
  const variables = Object.entries(settings.variables ?? {});
  return {
    variables: Object.fromEntries(variables.map(([name, { type }]) => [name, typeNamed(type)])),
    values: Object.fromEntries(variables.map(([name, { type, value }]) => [name, readValue(typeNamed(type), value)])),
  };
}

function admission({ object, oldObject, params, request, namespaceObject }: Settings): Declared {
  const authorizer = new AuthorizerValue(alice, stubAuthorize);
  return {
    variables: admissionVariables,
    values: {
      object: jsonValue(object ?? null),
      oldObject: jsonValue(oldObject ?? null),
      params: jsonValue(params ?? null),
      request: jsonValue(request ?? null),
      namespaceObject: jsonValue(namespaceObject ?? null),
      authorizer,
      'authorizer.requestResource': new ResourceCheck(authorizer, {
        group: 'apps',
        resource: 'deployments',
        subresource: 'scale',
        namespace: 'shop',
        name: 'web',
      }),
    },
  };
}

const simple: Readonly<Record<string, Type>> = {
  bool: BOOL,
  bytes: BYTES,
  double: DOUBLE,
  duration: DURATION,
  dyn: DYN,
  int: INT,
  null: NULL,
  string: STRING,
  timestamp: TIMESTAMP,
  uint: UINT,
};

/** `list(int)`, `map(string, dyn)` */
function typeNamed(text: string): Type {
  const [, name, first, second] = /^(list|map)\((\w+)(?:, (\w+))?\)$/.exec(text) ?? [];
  if (name === undefined) return simple[text]!;
  return name === 'list' ? listOf(simple[first!]!) : mapOf(simple[first!]!, simple[second!]!);
}

function readValue({ kind }: Type, json: unknown): Value {
  switch (kind) {
    case 'uint':
      return new Uint(BigInt(json as number));
    case 'double':
      return json as number;
    case 'bytes':
      return Uint8Array.from(Buffer.from(json as string, 'base64'));
    case 'timestamp':
      return parseTimestamp(json as string) as Timestamp;
    case 'duration':
      return new Duration(parseDuration(json as string)!);
    default:
      return jsonValue(json);
  }
}
