import { type Amount, formatQuantity, parseQuantity, type Quantity, QuantityError } from '../../kube/quantity.ts';
import type { Library, Overload } from '../library.ts';
import { BOOL, DOUBLE, INT, STRING, structType, type Type } from '../type.ts';
import { Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT, traversal } from './costs.ts';

export const QUANTITY = structType('kubernetes.Quantity', undefined, 'constant');

type Held = Pick<Quantity, 'format' | 'amount'>;

/** A quantity, exact, with what apimachinery remembers of how it came about (`Amount`). */
export class QuantityValue extends OpaqueValue {
  readonly type = QUANTITY;
  readonly held: Held;
  /** It is the result of a sum, and Kubernetes has a pointer to it, which is equal to no quantity that was read: `quantity('1').add(1) == quantity('2')` has no overload. */
  readonly computed: boolean;

  constructor(held: Held, computed = false) {
    super();
    this.held = held;
    this.computed = computed;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof QuantityValue && !other.computed ? compare(this, other) === 0 : noSuchOverload();
  }

  override toString(): string {
    const { format, amount } = this.held;
    return formatQuantity({ format, nanos: atScale(amount, -9) });
  }
}

const accessor = (name: string, id: string, result: Type, call: (quantity: QuantityValue) => Result) => ({
  name,
  overloads: [{ id, member: true, parameters: [QUANTITY], result, call } satisfies Overload],
  cost: CONSTANT,
});

const comparison = (name: string, id: string, result: Type, call: (order: number) => Result) => ({
  name,
  overloads: [
    { id, member: true, parameters: [QUANTITY, QUANTITY], result, call: (a: QuantityValue, b: QuantityValue) => call(compare(a, b)) } satisfies Overload,
  ],
  cost: CONSTANT,
});

const arithmetic = (name: string, sign: 1n | -1n) => ({
  name,
  overloads: [
    {
      id: `quantity_${name}`,
      member: true,
      parameters: [QUANTITY, QUANTITY],
      result: QUANTITY,
      call: (a: QuantityValue, b: QuantityValue) => sum(a.held, b.held, sign),
    },
    {
      id: `quantity_${name}_int`,
      member: true,
      parameters: [QUANTITY, INT],
      result: QUANTITY,
      call: (a: QuantityValue, b: bigint) => sum(a.held, { format: 'DecimalExponent', amount: { unscaled: b, scale: 0, int64: true } }, sign),
    },
  ] satisfies Overload[],
  cost: CONSTANT,
});

/** `quantity('1.5Gi').isLessThan(quantity('2Gi'))` (k8s.io/apiserver/pkg/cel/library/quantity.go). */
export const quantityLibrary: Library = {
  name: 'kubernetes.quantity',
  functions: [
    { name: 'quantity', overloads: [{ id: 'string_to_quantity', parameters: [STRING], result: QUANTITY, call: toQuantity }], cost: traversal() },
    {
      name: 'isQuantity',
      overloads: [{ id: 'is_quantity_string', parameters: [STRING], result: BOOL, call: (text: string) => toQuantity(text) instanceof QuantityValue }],
      cost: traversal(),
    },
    {
      name: 'sign',
      overloads: [
        {
          id: 'quantity_sign',
          parameters: [QUANTITY],
          result: INT,
          call: ({ held }: QuantityValue) => BigInt(Number(held.amount.unscaled > 0n) - Number(held.amount.unscaled < 0n)),
        },
      ],
      cost: CONSTANT,
    },
    comparison('isGreaterThan', 'quantity_is_greater_than', BOOL, (order) => order > 0),
    comparison('isLessThan', 'quantity_is_less_than', BOOL, (order) => order < 0),
    comparison('compareTo', 'quantity_compare_to', INT, BigInt),
    accessor('asApproximateFloat', 'quantity_get_float', DOUBLE, ({ held: { amount } }) => approximate(amount)),
    accessor('asInteger', 'quantity_get_int', INT, ({ held: { amount } }) => integerOf(amount) ?? new Failure('cannot convert value to integer')),
    accessor('isInteger', 'quantity_is_integer', BOOL, ({ held: { amount } }) => integerOf(amount) !== undefined),
    arithmetic('add', 1n),
    arithmetic('sub', -1n),
  ],
};

function toQuantity(text: string): QuantityValue | Failure {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return new Failure(error.message);
    throw error;
  }
}

/** The amount in units of 10^scale, which is no larger than its own. */
const atScale = (amount: Amount, scale: number): bigint => amount.unscaled * 10n ** BigInt(amount.scale - scale);

function compare(a: QuantityValue, b: QuantityValue): number {
  const scale = Math.min(a.held.amount.scale, b.held.amount.scale);
  const [x, y] = [atScale(a.held.amount, scale), atScale(b.held.amount, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Quantity.Add and Quantity.Sub: in 64 bits as long as they suffice. The format is that of the first, unless it is zero. */
function sum(a: Held, b: Held, sign: 1n | -1n): QuantityValue {
  const format = a.amount.unscaled === 0n ? b.format : a.format;
  return new QuantityValue({ format, amount: sumOf(a.amount, { ...b.amount, unscaled: sign * b.amount.unscaled }) }, true);
}

function sumOf(a: Amount, b: Amount): Amount {
  const int64 = a.int64 && b.int64;
  if (int64 && b.unscaled === 0n) return a;
  if (int64 && a.unscaled === 0n) return b;
  const scale = Math.min(a.scale, b.scale);
  const terms = [atScale(a, scale), atScale(b, scale)] as const;
  const unscaled = terms[0] + terms[1];
  return { unscaled, scale, int64: int64 && [...terms, unscaled].every(fits) };
}

function integerOf({ unscaled, scale, int64 }: Amount): bigint | undefined {
  if (!int64 || scale < 0) return undefined;
  const whole = unscaled * 10n ** BigInt(scale);
  return fits(whole) ? whole : undefined;
}

const fits = (n: bigint): boolean => BigInt.asIntN(64, n) === n;

/** Quantity.AsApproximateFloat64 multiplies what is rounded already, and so does this. */
const approximate = ({ unscaled, scale }: Amount): number => (scale === 0 ? Number(unscaled) : Number(unscaled) * Number(`1e${scale}`));
