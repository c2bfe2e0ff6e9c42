import { type Environment, environment } from '../cel/environment.ts';
import { kubernetesLibraries } from '../cel/libraries/kubernetes.ts';
import type { Library, Overload } from '../cel/library.ts';
import { BOOL, DOUBLE, DYN, INT, STRING, structType, TIMESTAMP, type Type } from '../cel/type.ts';
import { Failure, MapValue, noSuchOverload, OpaqueValue, type Result, Timestamp, type Value } from '../cel/value.ts';
import { parseQuantity, QuantityError } from '../kube/quantity.ts';

/** What expressions of usage are compiled in: KWOK's environment (kwok's pkg/utils/cel). */
export const usageEnvironment = (clock: Clock): Environment =>
  environment({ variables: { node: DYN, pod: DYN, container: DYN }, libraries: [...kubernetesLibraries, amounts, timesBy(clock)] });

/** What time it is to an expression, and a number from 0 to 1 that it may take for chance. */
export interface Clock {
  now(): number;
  chance(): number;
}

export const AMOUNT = structType('kubernetes.Quantity', undefined, 'constant');

/** A quantity in the unit of its resource. It can be counted with, which those of Kubernetes' own library cannot. */
export class AmountValue extends OpaqueValue {
  readonly type = AMOUNT;
  readonly amount: number;

  constructor(amount: number) {
    super();
    this.amount = amount;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof AmountValue ? other.amount === this.amount : noSuchOverload();
  }

  override order(other: Value): number | Failure {
    return other instanceof AmountValue ? this.amount - other.amount : noSuchOverload();
  }

  override operate(operator: '+' | '-' | '*' | '/', other: Value): Result {
    if (operator === '+' || operator === '-') {
      if (!(other instanceof AmountValue)) return noSuchOverload();
      return new AmountValue(operator === '+' ? this.amount + other.amount : this.amount - other.amount);
    }
    if (typeof other !== 'number' && typeof other !== 'bigint') return noSuchOverload();
    if (operator === '/' && other === 0n) return new Failure('division by zero');
    return new AmountValue(operator === '*' ? this.amount * Number(other) : this.amount / Number(other));
  }
}

const overload = (id: string, parameters: readonly Type[], result: Type): Overload => ({ id, parameters, result });

const ordered = (name: string, id: string) => ({ name, overloads: [overload(`${id}_quantity`, [AMOUNT, AMOUNT], BOOL)] });

/** Quantities, with the operators that they have in KWOK. */
const amounts: Library = {
  name: 'kwok.quantity',
  functions: [
    { name: 'Quantity', overloads: [{ id: 'string_to_kwok_quantity', parameters: [STRING], result: AMOUNT, call: amountOf }] },
    { name: '_+_', overloads: [overload('add_quantity', [AMOUNT, AMOUNT], AMOUNT)] },
    { name: '_-_', overloads: [overload('subtract_quantity', [AMOUNT, AMOUNT], AMOUNT)] },
    {
      name: '_*_',
      overloads: [
        overload('multiply_quantity_double', [AMOUNT, DOUBLE], AMOUNT),
        overload('multiply_quantity_int', [AMOUNT, INT], AMOUNT),
        overload('multiply_double_quantity', [DOUBLE, AMOUNT], AMOUNT),
        overload('multiply_int_quantity', [INT, AMOUNT], AMOUNT),
      ],
    },
    { name: '_/_', overloads: [overload('divide_quantity_double', [AMOUNT, DOUBLE], AMOUNT), overload('divide_quantity_int', [AMOUNT, INT], AMOUNT)] },
    ordered('_<_', 'less'),
    ordered('_<=_', 'less_equals'),
    ordered('_>_', 'greater'),
    ordered('_>=_', 'greater_equals'),
  ],
};

function amountOf(text: string): Result {
  try {
    return new AmountValue(Number(parseQuantity(text).nanos) / 1e9);
  } catch (error) {
    if (error instanceof QuantityError) return new Failure(error.message);
    throw error;
  }
}

const timesBy = ({ now, chance }: Clock): Library => ({
  name: 'kwok.times',
  functions: [
    { name: 'Now', overloads: [{ id: 'now', parameters: [], result: TIMESTAMP, call: () => new Timestamp(Math.floor(now() / 1000), 0) }] },
    { name: 'Rand', overloads: [{ id: 'rand', parameters: [], result: DOUBLE, call: chance }] },
    {
      name: 'SinceSecond',
      overloads: [
        { id: 'since_second_object', member: true, parameters: [DYN], result: DOUBLE, call: (object: Value) => secondsSince(object, now()) },
        { id: 'since_second', parameters: [DYN], result: DOUBLE, call: (object: Value) => secondsSince(object, now()) },
      ],
    },
    {
      name: 'UnixSecond',
      overloads: [
        { id: 'unix_second_time', member: true, parameters: [TIMESTAMP], result: DOUBLE, call: ({ seconds }: Timestamp) => seconds },
        { id: 'unix_second', parameters: [TIMESTAMP], result: DOUBLE, call: ({ seconds }: Timestamp) => seconds },
      ],
    },
  ],
});

/** How long ago a pod or a node was created. */
function secondsSince(object: Value, now: number): Result {
  const metadata = object instanceof MapValue ? object.find('metadata') : undefined;
  const created = metadata instanceof MapValue ? metadata.find('creationTimestamp') : undefined;
  return typeof created === 'string' ? (now - Date.parse(created)) / 1000 : noSuchOverload();
}
