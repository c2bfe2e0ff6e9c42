import { type Compiled, compile, type Uncompilable } from '../../cel/compile.ts';
import { deviceEnvironment } from '../../cel/device-environment.ts';
import { QuantityValue } from '../../cel/libraries/quantity.ts';
import { parseVersion } from '../../cel/libraries/semantic-version.ts';
import { Semver } from '../../cel/libraries/semver.ts';
import { Entries, Failure, MapValue, type Value } from '../../cel/value.ts';
import { parseQuantity } from '../../kube/quantity.ts';
import type { DeviceAttribute, DeviceSelector } from '../../schema/generated/kinds.ts';
import type { Device } from './device.ts';

/** Whether all selectors select a device; or what goes wrong, after `selector #0: `, which ends the search for devices. */
export function selectsDevice(selectors: readonly DeviceSelector[] | undefined, device: Device): boolean | { readonly error: string } {
  for (const [i, { cel }] of (selectors ?? []).entries()) {
    const selected = answerOf(cel!.expression, device);
    if (typeof selected === 'string') return { error: `selector #${i}: ${selected}` };
    if (!selected) return false;
  }
  return true;
}

/** What an expression says of a device: the answer is kept for as long as the device is as it is. A text: why it says nothing. */
function answerOf(expression: string, device: Device): boolean | string {
  let known = answers.get(device.of);
  if (!known) {
    known = new Map();
    answers.set(device.of, known);
  }
  const key = `${device.driver} ${expression}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = evaluated(expression, device);
    known.set(key, answer);
  }
  return answer;
}

const answers = new WeakMap<Device['of'], Map<string, boolean | string>>();

function evaluated(expression: string, device: Device): boolean | string {
  const compiled = compiledOf(expression);
  if ('issues' in compiled) return `CEL compile error: ${compiled.message}`;
  const evaluation = compiled.program.evaluate({ device: deviceValue(device) });
  if ('error' in evaluation) return `CEL runtime error: ${evaluation.error}`;
  return typeof evaluation.value === 'boolean' ? evaluation.value : `CEL runtime error: CEL result could not be converted to bool`;
}

function compiledOf(expression: string): Compiled | Uncompilable {
  const known = compilations.get(expression);
  if (known) return known;
  const compiled = compile(expression, deviceEnvironment());
  if (compilations.size >= MAX_COMPILATIONS) compilations.delete(compilations.keys().next().value!);
  compilations.set(expression, compiled);
  return compiled;
}

/** The oldest goes. As many as kube-scheduler keeps. */
const compilations = new Map<string, Compiled | Uncompilable>();
const MAX_COMPILATIONS = 10;

/** The variable `device` (cel.DeviceMatches). */
function deviceValue({ of, driver }: Device): Value {
  const attributes = Object.entries(of.attributes ?? {}).map(([name, attribute]) => [name, attributeValue(attribute)] as const);
  const capacity = Object.entries(of.capacity ?? {}).map(([name, { value }]) => [name, new QuantityValue(parseQuantity(value))] as const);
  return new Entries([
    ['driver', driver],
    ['allowMultipleAllocations', of.allowMultipleAllocations ?? false],
    ['attributes', new Domains(driver, attributes)],
    ['capacity', new Domains(driver, capacity)],
  ]);
}

function attributeValue({ int, bool, string, version }: DeviceAttribute): Value {
  if (int !== undefined) return BigInt(int);
  if (bool !== undefined) return bool;
  if (string !== undefined) return string;
  const parsed = parseVersion(version ?? '');
  return parsed instanceof Failure ? null : new Semver(parsed);
}

/** What a device has under qualified names, by domain: a name without one is of the driver's. A domain of which it has nothing is empty, and is not missing. */
class Domains extends MapValue {
  readonly #domains = new Map<string, [Value, Value][]>();

  constructor(driver: string, named: readonly (readonly [qualified: string, value: Value])[]) {
    super();
    for (const [qualified, value] of named) {
      const slash = qualified.indexOf('/');
      const [domain, id] = slash === -1 ? [driver, qualified] : [qualified.slice(0, slash), qualified.slice(slash + 1)];
      const entries = this.#domains.get(domain) ?? [];
      entries.push([id, value]);
      this.#domains.set(domain, entries);
    }
  }

  get size(): number {
    return this.#domains.size;
  }

  find(key: Value): Value {
    return new Entries(typeof key === 'string' ? this.#domains.get(key) : []);
  }

  keys(): Iterable<string> {
    return this.#domains.keys();
  }
}
